import { endpoint } from '../../endpoint.ts';

export const deleteChats = endpoint({
  method: 'DELETE',
  path: '/chats',
  operationId: 'deleteChats',
  summary: 'Delete everything of the caller: conversations, their streams and public pages, and templates',
  tag: 'chats',
  answers: { 204: 'Deleted' },
  async handle({ caller, reply }, { chats, templates, shares }) {
    await chats.deleteAll(caller.userId);
    await templates.deleteAll(caller);
    await shares.revokeAll(caller);
    return reply.code(204).send();
  },
});
