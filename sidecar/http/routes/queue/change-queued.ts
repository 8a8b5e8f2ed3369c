import { queuedTurnPatchSchema, queueSchema } from '../../../../shared/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { queuedParams } from '../../parameters.ts';

export const changeQueued = endpoint({
  method: 'PATCH',
  path: '/chats/:chatId/queue/:messageId',
  operationId: 'changeQueued',
  summary: 'Edit a turn that waits, or move it',
  tag: 'chats',
  params: queuedParams,
  body: queuedTurnPatchSchema,
  answers: { 200: { description: 'The turns in their order', schema: queueSchema } },
  errors: ['not_waiting', 'quota_exceeded'],
  handle({ params, body, caller }, { access, manager }) {
    const { ownerId, chatId } = access.chat(caller, params.chatId);
    return manager.queue.change(ownerId, chatId, params.messageId, body);
  },
});
