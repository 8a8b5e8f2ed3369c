import { shareSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { shareParams } from './share-params.ts';

export const getShare = endpoint({
  method: 'GET',
  path: '/shares/:shareId',
  operationId: 'getShare',
  summary: 'Get a public page of the caller, with how often it was read',
  tag: 'shares',
  params: shareParams,
  answers: { 200: { description: 'The page', schema: shareSchema } },
  handle: ({ params, caller }, { shares }) => shares.get(caller.userId, params.shareId),
});
