import { endpoint } from '../../endpoint.ts';
import { inviteParams } from '../../parameters.ts';

export const revokeInvite = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId/invites/:inviteId',
  operationId: 'revokeInvite',
  summary: 'Revoke an invitation',
  description: 'People who have joined with the invitation stay members.',
  tag: 'rooms',
  params: inviteParams,
  answers: { 204: 'Revoked, or there was no such invitation in this conversation' },
  async handle({ params, caller, reply }, { access, invites }) {
    const chat = await access.chat(caller, params.chatId);
    await invites.revoke(chat, { inviteId: params.inviteId });
    return reply.code(204).send();
  },
});
