import { queueSchema } from '../../../../shared/chat/chat.ts';
import { queueOf } from '../../../access/access.ts';
import { endpoint } from '../../endpoint.ts';
import { queuedParams } from '../../parameters.ts';

export const removeQueued = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId/queue/:messageId',
  operationId: 'removeQueued',
  summary: 'Take a turn out of the queue',
  description: 'The question of the turn is not kept. The stream of the turn ends with the status `cancelled`.',
  tag: 'chats',
  params: queuedParams,
  answers: { 200: { description: 'The turns that still wait', schema: queueSchema } },
  errors: ['not_waiting'],
  async handle({ params, caller }, { access, manager }) {
    const chat = await access.chat(caller, params.chatId, 'editor');
    return manager.queue.remove(queueOf(chat), params.messageId);
  },
});
