import { endpoint } from '../../endpoint.ts';

export const deleteChats = endpoint({
  method: 'DELETE',
  path: '/chats',
  operationId: 'deleteChats',
  summary:
    'Delete all data of the caller (templates, and conversations with their streams and public pages), and leave the rooms of others',
  tag: 'chats',
  answers: { 204: 'Deleted' },
  async handle({ caller, reply }, { chats, members, templates, shares }) {
    await members.leaveAll(caller.userId);
    await chats.deleteAll(caller.userId);
    await templates.deleteAll(caller);
    await shares.revokeAll(caller);
    return reply.code(204).send();
  },
});
