import { endpoint } from '../../endpoint.ts';

export const deleteChats = endpoint({
  method: 'DELETE',
  path: '/chats',
  operationId: 'deleteChats',
  summary: 'Delete everything of the caller: conversations, their streams, and templates',
  tag: 'chats',
  answers: { 204: 'Deleted' },
  async handle({ caller, reply }, { chats, templates }) {
    await chats.deleteAll(caller.userId);
    await templates.deleteAll(caller);
    return reply.code(204).send();
  },
});
