import { endpoint } from '../../endpoint.ts';
import { shareParams } from './share-params.ts';

export const revokeShare = endpoint({
  method: 'DELETE',
  path: '/shares/:shareId',
  operationId: 'revokeShare',
  summary: 'Revoke a public page, and cut off its readers',
  tag: 'shares',
  params: shareParams,
  answers: { 204: 'Revoked' },
  async handle({ params, caller, reply }, { shares }) {
    await shares.revoke(caller, params.shareId);
    return reply.code(204).send();
  },
});
