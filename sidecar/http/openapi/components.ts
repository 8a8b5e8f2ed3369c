import { z } from 'zod';
import { analyticsAnswerSchema, modelFiguresSchema, periodFiguresSchema } from '../../../shared/analytics.ts';
import {
  branchMessageSchema,
  chatListSchema,
  chatPatchSchema,
  chatSchema,
  chatSummarySchema,
  currentStreamSchema,
  latestStreamSchema,
  messagePageSchema,
  modelInfoSchema,
  modelListSchema,
  queueActionSchema,
  queuedTurnPatchSchema,
  queuedTurnSchema,
  queueSchema,
} from '../../../shared/chat.ts';
import { problemSchema } from '../../../shared/errors.ts';
import {
  forkAnswerSchema,
  forkOriginSchema,
  forkRequestSchema,
  shownForkSchema,
  shownOriginSchema,
} from '../../../shared/forks.ts';
import { healthSchema, unreadySchema } from '../../../shared/health.ts';
import { incomingMessageSchema, messageSchema, partSchema, storedMessageSchema } from '../../../shared/messages.ts';
import {
  invitationSchema,
  inviteAnswerSchema,
  inviteListSchema,
  inviteRequestSchema,
  inviteSchema,
  joinAnswerSchema,
  joinRequestSchema,
  lookRequestSchema,
  memberListSchema,
  memberPatchSchema,
  memberSchema,
  roomListSchema,
  roomSchema,
  roomSummarySchema,
} from '../../../shared/rooms.ts';
import { hitSchema, markedSchema, searchAnswerSchema } from '../../../shared/search.ts';
import { fillingSchema, templateUseSchema } from '../../../shared/templates/filling.ts';
import {
  importAnswerSchema,
  newTemplateSchema,
  previewSchema,
  templateContentSchema,
  templateFileSchema,
  templateImportSchema,
  templateListSchema,
  templatePatchSchema,
  templateSchema,
  templateSummarySchema,
} from '../../../shared/templates/template.ts';
import { variableSchema } from '../../../shared/templates/content.ts';
import {
  activeAnswerSchema,
  cancelAnswerSchema,
  cleanupAnswerSchema,
  cleanupRequestSchema,
  endProofSchema,
  startAnswerSchema,
  startBodySchema,
  streamStateSchema,
} from '../../../shared/stream/stream.ts';
import { streamErrorSchema } from '../../../shared/stream/stream-errors.ts';

/** The schemas that have a name in the OpenAPI document, under `components`. All others are written out in place. */
const COMPONENTS: Record<string, z.ZodType> = {
  StartRequest: startBodySchema,
  StartAnswer: startAnswerSchema,
  StreamState: streamStateSchema,
  ActiveStreams: activeAnswerSchema,
  CancelAnswer: cancelAnswerSchema,
  EndProof: endProofSchema,
  StreamError: streamErrorSchema,
  IncomingMessage: incomingMessageSchema,
  MessagePart: partSchema,
  Message: messageSchema,
  StoredMessage: storedMessageSchema,
  BranchMessage: branchMessageSchema,
  CurrentStream: currentStreamSchema,
  ChatList: chatListSchema,
  ChatSummary: chatSummarySchema,
  MarkedText: markedSchema,
  SearchHit: hitSchema,
  SearchAnswer: searchAnswerSchema,
  Chat: chatSchema,
  ChatPatch: chatPatchSchema,
  ForkRequest: forkRequestSchema,
  ForkAnswer: forkAnswerSchema,
  ForkOrigin: forkOriginSchema,
  ShownOrigin: shownOriginSchema,
  ShownFork: shownForkSchema,
  Room: roomSchema,
  RoomSummary: roomSummarySchema,
  RoomList: roomListSchema,
  Member: memberSchema,
  MemberList: memberListSchema,
  MemberPatch: memberPatchSchema,
  Invite: inviteSchema,
  InviteList: inviteListSchema,
  InviteRequest: inviteRequestSchema,
  InviteAnswer: inviteAnswerSchema,
  LookRequest: lookRequestSchema,
  Invitation: invitationSchema,
  JoinRequest: joinRequestSchema,
  JoinAnswer: joinAnswerSchema,
  Queue: queueSchema,
  QueuedTurn: queuedTurnSchema,
  QueueAction: queueActionSchema,
  QueuedTurnPatch: queuedTurnPatchSchema,
  MessagePage: messagePageSchema,
  ChatStream: latestStreamSchema,
  Template: templateSchema,
  TemplateContent: templateContentSchema,
  NewTemplate: newTemplateSchema,
  TemplateSummary: templateSummarySchema,
  TemplateList: templateListSchema,
  TemplatePatch: templatePatchSchema,
  TemplateUse: templateUseSchema,
  TemplateFile: templateFileSchema,
  TemplateImport: templateImportSchema,
  ImportAnswer: importAnswerSchema,
  Variable: variableSchema,
  Filling: fillingSchema,
  Preview: previewSchema,
  ModelInfo: modelInfoSchema,
  ModelList: modelListSchema,
  CleanupRequest: cleanupRequestSchema,
  CleanupAnswer: cleanupAnswerSchema,
  ModelFigures: modelFiguresSchema,
  PeriodFigures: periodFiguresSchema,
  Analytics: analyticsAnswerSchema,
  Health: healthSchema,
  Unready: unreadySchema,
  Problem: problemSchema,
};

/**
 * Registers the names with zod. The registry is global to the process, so this may run more than once. It is not done in
 * shared/, because the app's development server reloads those files with each change.
 */
export function nameComponents(): void {
  for (const [id, schema] of Object.entries(COMPONENTS)) {
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id });
  }
}
