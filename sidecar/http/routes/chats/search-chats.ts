import { searchAnswerSchema, searchQuerySchema } from '../../../../shared/chat/search.ts';
import { endpoint } from '../../endpoint.ts';

export const searchChats = endpoint({
  method: 'GET',
  path: '/search',
  operationId: 'searchChats',
  summary: "Find words in the titles and messages of the caller's conversations",
  description:
    'Returns one page of conversations, the most recently changed first, each with the line that contains the words. ' +
    'Archived conversations are included, temporary ones are not. Only one search of a caller runs at a time.',
  tag: 'chats',
  query: searchQuerySchema,
  answers: { 200: { description: 'A page of conversations with what was found', schema: searchAnswerSchema } },
  handle: ({ query, caller }, { searchChats: search }) => search(caller.userId, query),
});
