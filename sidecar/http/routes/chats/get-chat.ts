import { chatSchema } from '../../../../shared/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const getChat = endpoint({
  method: 'GET',
  path: '/chats/:chatId',
  operationId: 'getChat',
  summary: 'Get a conversation, with the answer that is being written in it',
  tag: 'chats',
  params: chatParams,
  answers: { 200: { description: 'The conversation', schema: chatSchema } },
  handle: ({ params, caller }, { chats }) => chats.get(caller.userId, params.chatId),
});
