import { queueSchema } from '../../../../shared/chat/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const getQueue = endpoint({
  method: 'GET',
  path: '/chats/:chatId/queue',
  operationId: 'getQueue',
  summary: 'Get the turns that wait in a conversation',
  tag: 'chats',
  params: chatParams,
  answers: { 200: { description: 'The turns in their order', schema: queueSchema } },
  async handle({ params, caller }, { access, manager }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId, 'viewer');
    return manager.queue.read(ownerId, chatId);
  },
});
