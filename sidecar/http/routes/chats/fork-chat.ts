import { forkAnswerSchema, forkRequestSchema } from '../../../../shared/chat/forks.ts';
import { assertMayBranch, assertSameChat } from '../../../access/access.ts';
import { named } from '../../../access/shown.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const forkChat = endpoint({
  method: 'POST',
  path: '/chats/:chatId/forks',
  operationId: 'forkChat',
  summary: 'Fork a conversation: copy it up to a message into a new one',
  description:
    'The new conversation has copies of the messages that lead to `messageId`. An answer can be copied up to the event ' +
    'id `at`. With `now`, an answer that is being written is copied up to its last stored event, and the response has the id of ' +
    'this event. The conversation that is copied does not change. Safe to repeat: the same `forkId` with the same origin returns ' +
    'the same conversation.',
  tag: 'chats',
  addsLoad: true,
  params: chatParams,
  body: forkRequestSchema,
  answers: {
    200: { description: 'The same request was sent before. This is its conversation.', schema: forkAnswerSchema },
    201: { description: 'Made', schema: forkAnswerSchema },
  },
  errors: [
    'invalid_event_id',
    'title_too_long',
    'stream_active',
    'chat_exists',
    'event_not_on_log',
    'quota_exceeded',
    'too_many_chats',
    'too_many_messages',
  ],
  async handle({ params, body, caller, reply }, { access, forkChat: fork }) {
    assertSameChat(params.chatId, body.chatId);
    const chat = await access.chat(caller, params.chatId, 'viewer');
    assertMayBranch(chat);
    const { ownerId, chatId, ref, member } = chat;
    const { created, answer } = await fork(
      {
        userId: caller.userId,
        source: { ownerId, chatId },
        originId: member === null ? chatId : ref,
        address: caller.address,
      },
      body,
    );
    return reply.code(created ? 201 : 200).send({ ...answer, from: named(chat, answer.from) });
  },
});
