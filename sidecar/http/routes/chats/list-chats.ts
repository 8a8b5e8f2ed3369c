import { chatListQuerySchema, chatListSchema } from '../../../../shared/chat/chat.ts';
import { endpoint } from '../../endpoint.ts';

export const listChats = endpoint({
  method: 'GET',
  path: '/chats',
  operationId: 'listChats',
  summary: "List the caller's conversations, the most recently changed first",
  description:
    'Returns one page. To get the next one, send its `next` as `before`. `q` searches all titles, and `list=archived` lists the archived conversations instead of the others.',
  tag: 'chats',
  query: chatListQuerySchema,
  answers: { 200: { description: 'A page of conversations, without their messages', schema: chatListSchema } },
  handle: ({ query, caller }, { chats }) => chats.list(caller.userId, query),
});
