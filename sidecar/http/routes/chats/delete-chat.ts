import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const deleteChat = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId',
  operationId: 'deleteChat',
  summary: 'Delete a conversation and its streams',
  tag: 'chats',
  params: chatParams,
  answers: { 204: 'Deleted, or there was none' },
  async handle({ params, caller, reply }, { access, chats }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId);
    await chats.delete(ownerId, chatId);
    return reply.code(204).send();
  },
});
