import type { AnyEndpoint } from './endpoint.ts';
import { changeChat } from './routes/chats/change-chat.ts';
import { deleteChat } from './routes/chats/delete-chat.ts';
import { deleteChats } from './routes/chats/delete-chats.ts';
import { forkChat } from './routes/chats/fork-chat.ts';
import { getChat } from './routes/chats/get-chat.ts';
import { getChatStream } from './routes/chats/get-chat-stream.ts';
import { searchChats } from './routes/chats/search-chats.ts';
import { listMessages } from './routes/chats/list-messages.ts';
import { listChats } from './routes/chats/list-chats.ts';
import { changeMember } from './routes/rooms/change-member.ts';
import { createInvite } from './routes/rooms/create-invite.ts';
import { joinRoom } from './routes/rooms/join-room.ts';
import { listInvites } from './routes/rooms/list-invites.ts';
import { listMembers } from './routes/rooms/list-members.ts';
import { listRooms } from './routes/rooms/list-rooms.ts';
import { lookAtInvite } from './routes/rooms/look-at-invite.ts';
import { removeMember } from './routes/rooms/remove-member.ts';
import { revokeInvite } from './routes/rooms/revoke-invite.ts';
import { revokeInvites } from './routes/rooms/revoke-invites.ts';
import { actOnQueue } from './routes/queue/act-on-queue.ts';
import { changeQueued } from './routes/queue/change-queued.ts';
import { getQueue } from './routes/queue/get-queue.ts';
import { getQueued } from './routes/queue/get-queued.ts';
import { removeQueued } from './routes/queue/remove-queued.ts';
import { followRoom } from './routes/feed/follow-room.ts';
import { sayInChat } from './routes/feed/say.ts';
import { setPresence } from './routes/feed/set-presence.ts';
import { checkCut } from './routes/operation/check-cut.ts';
import { cleanUp } from './routes/operation/clean-up.ts';
import { getAnalytics } from './routes/operation/get-analytics.ts';
import { getHealth } from './routes/operation/get-health.ts';
import { getMetrics } from './routes/operation/get-metrics.ts';
import { getOpenApi } from './routes/operation/get-openapi.ts';
import { getReadiness } from './routes/operation/get-readiness.ts';
import { listModels } from './routes/operation/list-models.ts';
import { changeTemplate } from './routes/templates/change-template.ts';
import { createTemplate } from './routes/templates/create-template.ts';
import { deleteTemplate } from './routes/templates/delete-template.ts';
import { exportTemplates } from './routes/templates/export-templates.ts';
import { getTemplate } from './routes/templates/get-template.ts';
import { importTemplates } from './routes/templates/import-templates.ts';
import { listTemplates } from './routes/templates/list-templates.ts';
import { previewTemplate } from './routes/templates/preview-template.ts';
import { putTemplate } from './routes/templates/put-template.ts';
import { createShare } from './routes/shares/create-share.ts';
import { listSharesOfChat } from './routes/shares/list-shares-of-chat.ts';
import { revokeSharesOfChat } from './routes/shares/revoke-shares-of-chat.ts';
import { listShares } from './routes/shares/list-shares.ts';
import { revokeShares } from './routes/shares/revoke-shares.ts';
import { getShare } from './routes/shares/get-share.ts';
import { changeShare } from './routes/shares/change-share.ts';
import { revokeShare } from './routes/shares/revoke-share.ts';
import { openShare } from './routes/shares/open-share.ts';
import { followShare } from './routes/shares/follow-share.ts';
import { copySharedPage } from './routes/shares/copy-share.ts';
import { cancelStream } from './routes/streams/cancel-stream.ts';
import { followStream } from './routes/streams/follow-stream.ts';
import { getStream } from './routes/streams/get-stream.ts';
import { listActiveStreams } from './routes/streams/list-active-streams.ts';
import { startStream } from './routes/streams/start-stream.ts';

/** Every endpoint of the sidecar, in the order of the OpenAPI document. To add one, write its file and name it here. */
export const ENDPOINTS: readonly AnyEndpoint[] = [
  startStream,
  listActiveStreams,
  getStream,
  cancelStream,
  followStream,
  listChats,
  deleteChats,
  searchChats,
  getChat,
  listMessages,
  forkChat,
  changeChat,
  deleteChat,
  getChatStream,
  getQueue,
  getQueued,
  actOnQueue,
  changeQueued,
  removeQueued,
  listMembers,
  changeMember,
  removeMember,
  createInvite,
  listInvites,
  revokeInvites,
  revokeInvite,
  lookAtInvite,
  joinRoom,
  listRooms,
  followRoom,
  setPresence,
  sayInChat,
  listTemplates,
  createTemplate,
  exportTemplates,
  importTemplates,
  getTemplate,
  putTemplate,
  changeTemplate,
  deleteTemplate,
  previewTemplate,
  createShare,
  listSharesOfChat,
  revokeSharesOfChat,
  listShares,
  revokeShares,
  getShare,
  changeShare,
  revokeShare,
  openShare,
  followShare,
  copySharedPage,
  listModels,
  cleanUp,
  getAnalytics,
  getHealth,
  getReadiness,
  checkCut,
  getMetrics,
  getOpenApi,
];
