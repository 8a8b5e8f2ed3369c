import { shareListSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';

export const listShares = endpoint({
  method: 'GET',
  path: '/shares',
  operationId: 'listShares',
  summary: "List the caller's public pages",
  tag: 'shares',
  answers: { 200: { description: 'The newest first', schema: shareListSchema } },
  handle: async ({ caller }, { shares }) => ({ shares: await shares.list(caller.userId) }),
});
