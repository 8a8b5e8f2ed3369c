import { endpoint } from '../../endpoint.ts';

export const deleteChats = endpoint({
  method: 'DELETE',
  path: '/chats',
  operationId: 'deleteChats',
  summary: "Delete all of the caller's conversations and their streams",
  tag: 'chats',
  answers: { 204: 'Deleted' },
  async handle({ caller, reply }, { chats }) {
    await chats.deleteAll(caller.userId);
    return reply.code(204).send();
  },
});
