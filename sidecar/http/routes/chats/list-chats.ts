import { chatListSchema } from '../../../../shared/chat.ts';
import { endpoint } from '../../endpoint.ts';

export const listChats = endpoint({
  method: 'GET',
  path: '/chats',
  operationId: 'listChats',
  summary: "List the caller's conversations, newest first",
  tag: 'chats',
  answers: { 200: { description: 'The conversations, without their messages', schema: chatListSchema } },
  handle: async ({ caller }, { chats }) => ({ chats: await chats.list(caller.userId) }),
});
