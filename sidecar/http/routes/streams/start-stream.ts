import { startAnswerSchema, startRequestSchema } from '../../../../shared/stream.ts';
import { endpoint } from '../../endpoint.ts';

export const startStream = endpoint({
  method: 'POST',
  path: '/streams',
  operationId: 'startStream',
  summary: 'Start an answer',
  description: 'Safe to repeat: the same chatId and messageId answer with the same stream.',
  tag: 'streams',
  addsLoad: true,
  body: startRequestSchema,
  answers: {
    200: { description: 'An earlier request with the same ids has started it', schema: startAnswerSchema },
    201: { description: 'Started', schema: startAnswerSchema },
  },
  errors: [
    'unknown_model',
    'model_unavailable',
    'system_message_refused',
    'file_parts_unsupported',
    'stream_active',
    'message_exists',
    'too_many_streams',
    'draining',
  ],
  async handle({ body, caller, reply }, { manager }) {
    const { created, answer } = await manager.start(caller.userId, body, caller.address);
    return reply.code(created ? 201 : 200).send(answer);
  },
});
