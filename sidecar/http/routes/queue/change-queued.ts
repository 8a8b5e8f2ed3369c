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
  errors: ['not_waiting'],
  handle: ({ params: { chatId, messageId }, body, caller }, { manager }) =>
    manager.queue.change(caller.userId, chatId, messageId, body),
});
