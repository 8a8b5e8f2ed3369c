import { startAnswerSchema, startBodySchema } from '../../../../shared/stream/stream.ts';
import { roleRequired } from '../../../store/rooms/role-refusal.ts';
import { named } from '../../../access/shown.ts';
import { endpoint } from '../../endpoint.ts';

export const startStream = endpoint({
  method: 'POST',
  path: '/streams',
  operationId: 'startStream',
  summary: 'Start an answer',
  description:
    'Safe to repeat: a request with the same body returns the same stream. A request with the same `messageId` is refused with `idempotency_mismatch` if it has another question, `modelId`, `instructions`, `parentId` or `continueFrom`. Earlier messages that the conversation already had may differ.',
  tag: 'streams',
  addsLoad: true,
  body: startBodySchema,
  answers: {
    200: { description: 'The same request was sent before. This is its stream.', schema: startAnswerSchema },
    201: { description: 'Started', schema: startAnswerSchema },
    202: {
      description:
        'The answer waits for the answers before it, and its stream can be followed already. This response is sent only to requests with `whenBusy`.',
      schema: startAnswerSchema,
    },
  },
  errors: [
    'unknown_model',
    'model_unavailable',
    'system_message_refused',
    'file_parts_unsupported',
    'metadata_too_large',
    'stream_active',
    'queue_full',
    'message_exists',
    'chat_exists',
    'stale_parent',
    'idempotency_mismatch',
    'too_many_streams',
    'quota_exceeded',
    'too_many_chats',
    'too_many_messages',
    'draining',
    'template_invalid',
    'not_found',
    'role_required',
  ],
  async handle({ body, caller, reply }, { access, manager, templateStarts }) {
    const chat = await access.chat(caller, body.chatId, 'editor');
    const { ownerId, chatId, member } = chat;
    if (member !== null && body.instructions !== undefined) throw roleRequired('owner');
    // The template must be one that the caller can use. What the owner of the chat can use does not matter.
    const request = await templateStarts.toRequest(caller, ownerId, { ...body, chatId });
    // A template that a member uses does not change the instructions of the owner's chat.
    if (member !== null) delete request.instructions;
    const asker = { userId: caller.userId, name: member?.name ?? null, address: caller.address };
    const { created, answer } = await manager.start(ownerId, request, asker);
    return reply.code(answer.status === 'queued' ? 202 : created ? 201 : 200).send(named(chat, answer));
  },
});
