import { latestStreamSchema } from '../../../../shared/chat/chat.ts';
import { RejoinError } from '../../../../shared/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const getChatStream = endpoint({
  method: 'GET',
  path: '/chats/:chatId/stream',
  operationId: 'getChatStream',
  summary: 'Find the stream to follow in a conversation',
  tag: 'chats',
  params: chatParams,
  answers: {
    200: { description: 'The active stream, or one that ended less than a minute ago', schema: latestStreamSchema },
    204: 'There is no such stream',
  },
  async handle({ params, caller, reply }, { access, chats }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId, 'viewer');
    const latest = await chats.latestStream(ownerId, chatId).catch((error: unknown) => {
      if (error instanceof RejoinError && error.code === 'not_found') return null;
      throw error;
    });
    return latest ?? reply.code(204).send();
  },
});
