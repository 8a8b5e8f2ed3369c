import { endpoint } from '../../endpoint.ts';

export const deleteChats = endpoint({
  method: 'DELETE',
  path: '/chats',
  operationId: 'deleteChats',
  summary:
    'Delete everything of the caller: conversations, their streams and public pages, and templates; and leave the rooms of others',
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
