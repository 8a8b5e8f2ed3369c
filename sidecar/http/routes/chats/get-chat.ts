import { chatQuerySchema, chatSchema } from '../../../../shared/chat/chat.ts';
import { shownChat } from '../../../access/shown.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const getChat = endpoint({
  method: 'GET',
  path: '/chats/:chatId',
  operationId: 'getChat',
  summary: 'Get a page of a conversation, with the answer that is being written in it',
  description:
    'Returns the end of the path to the newest message, or of the path that `leaf` or `at` names. To get the page with the messages before these, send the `before` of the response as `before`.',
  tag: 'chats',
  params: chatParams,
  query: chatQuerySchema,
  answers: { 200: { description: 'The conversation', schema: chatSchema } },
  async handle({ params, query, caller }, { access, chats, rememberRoom }) {
    const chat = await access.chat(caller, params.chatId, 'viewer');
    if (chat.member !== null && chat.roomId !== null) rememberRoom(caller.userId, chat.roomId);
    return shownChat(chat, await chats.get(chat.ownerId, chat.chatId, query));
  },
});
