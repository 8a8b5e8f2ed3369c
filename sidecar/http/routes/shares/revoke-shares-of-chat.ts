import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const revokeSharesOfChat = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId/shares',
  operationId: 'revokeSharesOfChat',
  summary: 'Revoke all public pages of a conversation',
  tag: 'shares',
  params: chatParams,
  answers: { 204: 'Revoked' },
  async handle({ params, caller, reply }, { access, shares }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId);
    await shares.revokeOfChat({ userId: ownerId, address: caller.address }, chatId);
    return reply.code(204).send();
  },
});
