import { messagePageSchema, messagesQuerySchema } from '../../../../shared/chat/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const listMessages = endpoint({
  method: 'GET',
  path: '/chats/:chatId/messages',
  operationId: 'listMessages',
  summary: 'List all versions of all messages of a conversation, in the order in which they were added',
  tag: 'chats',
  params: chatParams,
  query: messagesQuerySchema,
  answers: { 200: { description: 'A page of messages', schema: messagePageSchema } },
  async handle({ params, query, caller }, { access, chats }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId, 'viewer');
    return chats.messages(ownerId, chatId, query);
  },
});
