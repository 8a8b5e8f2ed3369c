import { sayAnswerSchema, sayRequestSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const sayInChat = endpoint({
  method: 'POST',
  path: '/chats/:chatId/say',
  operationId: 'say',
  summary: 'Add a message without asking the model',
  description:
    'Safe to repeat: the same `messageId` with the same text is added only once. While an answer is being ' +
    'written, the message is among `said` of the conversation. When the answer has ended, the message is placed after it.',
  tag: 'rooms',
  params: chatParams,
  body: sayRequestSchema,
  errors: ['quota_exceeded', 'too_many_messages', 'idempotency_mismatch'],
  answers: {
    200: { description: 'The same message was sent before', schema: sayAnswerSchema },
    201: { description: 'Added', schema: sayAnswerSchema },
  },
  async handle({ params, body, caller, reply }, { access, say }) {
    const chat = await access.chat(caller, params.chatId, 'editor');
    const asker = { userId: caller.userId, name: chat.member?.name ?? null, address: caller.address };
    const { created, messageId } = await say(chat, asker, body);
    return reply.code(created ? 201 : 200).send({ messageId });
  },
});
