import { chatListQuerySchema, chatListSchema } from '../../../../shared/chat.ts';
import { endpoint } from '../../endpoint.ts';

export const listChats = endpoint({
  method: 'GET',
  path: '/chats',
  operationId: 'listChats',
  summary: "List the caller's conversations, the most recently changed first",
  description:
    'Answers one page. Its `next`, given as `before`, asks for the next one. `q` searches all titles, `list` chooses the archived ones.',
  tag: 'chats',
  query: chatListQuerySchema,
  answers: { 200: { description: 'A page of conversations, without their messages', schema: chatListSchema } },
  handle: ({ query, caller }, { chats }) => chats.list(caller.userId, query),
});
