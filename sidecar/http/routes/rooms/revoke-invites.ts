import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const revokeInvites = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId/invites',
  operationId: 'revokeInvites',
  summary: 'Revoke all invitations of a conversation',
  tag: 'rooms',
  params: chatParams,
  answers: { 204: 'Revoked' },
  async handle({ params, caller, reply }, { access, invites }) {
    const chat = await access.chat(caller, params.chatId);
    await invites.revoke(chat, 'all');
    return reply.code(204).send();
  },
});
