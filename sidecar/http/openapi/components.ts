import { z } from 'zod';
import { analyticsAnswerSchema } from '../../../shared/analytics.ts';
import {
  chatListSchema,
  chatPatchSchema,
  chatSchema,
  chatSummarySchema,
  latestStreamSchema,
  messagePageSchema,
  modelListSchema,
} from '../../../shared/chat.ts';
import { problemSchema } from '../../../shared/errors.ts';
import {
  activeAnswerSchema,
  cancelAnswerSchema,
  cleanupAnswerSchema,
  cleanupRequestSchema,
  endProofSchema,
  startAnswerSchema,
  startRequestSchema,
  streamStateSchema,
} from '../../../shared/stream.ts';
import { healthSchema } from '../routes/operation/health-schema.ts';

/** The schemas that have a name in the OpenAPI document, under `components`. All others are written out in place. */
const COMPONENTS: Record<string, z.ZodType> = {
  StartRequest: startRequestSchema,
  StartAnswer: startAnswerSchema,
  StreamState: streamStateSchema,
  ActiveStreams: activeAnswerSchema,
  CancelAnswer: cancelAnswerSchema,
  EndProof: endProofSchema,
  ChatList: chatListSchema,
  ChatSummary: chatSummarySchema,
  Chat: chatSchema,
  ChatPatch: chatPatchSchema,
  MessagePage: messagePageSchema,
  ChatStream: latestStreamSchema,
  ModelList: modelListSchema,
  CleanupRequest: cleanupRequestSchema,
  CleanupAnswer: cleanupAnswerSchema,
  Analytics: analyticsAnswerSchema,
  Health: healthSchema,
  Problem: problemSchema,
};

/** Named in a text only: it is part of the events of a stream. */
export const UNREFERENCED_COMPONENTS: ReadonlySet<string> = new Set(['EndProof']);

/**
 * Registers the names with zod. The registry is global to the process, so this may run more than once. It is not done in
 * shared/, because the app's development server reloads those files with each change.
 */
export function nameComponents(): void {
  for (const [id, schema] of Object.entries(COMPONENTS)) {
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id });
  }
}
