import { chatDeletionQuerySchema } from '../../../../shared/chat/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const deleteChat = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId',
  operationId: 'deleteChat',
  summary: 'Delete a conversation and its streams',
  tag: 'chats',
  params: chatParams,
  query: chatDeletionQuerySchema,
  answers: { 204: 'Deleted, or there was no such conversation' },
  async handle({ params, query, caller, reply }, { access, chats }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId);
    await chats.delete(ownerId, chatId, query);
    return reply.code(204).send();
  },
});
