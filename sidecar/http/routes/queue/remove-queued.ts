import { queueSchema } from '../../../../shared/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { queuedParams } from '../../parameters.ts';

export const removeQueued = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId/queue/:messageId',
  operationId: 'removeQueued',
  summary: 'Take a turn out of the queue',
  description: 'Its question is not kept. Its stream ends as `cancelled`.',
  tag: 'chats',
  params: queuedParams,
  answers: { 200: { description: 'The turns that still wait', schema: queueSchema } },
  errors: ['not_waiting'],
  handle({ params, caller }, { access, manager }) {
    const { ownerId, chatId } = access.chat(caller, params.chatId);
    return manager.queue.remove(ownerId, chatId, params.messageId);
  },
});
