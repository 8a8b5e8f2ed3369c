import { endpoint } from '../../endpoint.ts';

export const revokeShares = endpoint({
  method: 'DELETE',
  path: '/shares',
  operationId: 'revokeShares',
  summary: "Revoke all of the caller's public pages",
  tag: 'shares',
  answers: { 204: 'Revoked' },
  async handle({ caller, reply }, { shares }) {
    await shares.revokeAll(caller);
    return reply.code(204).send();
  },
});
