import { joinAnswerSchema, joinRequestSchema } from '../../../../shared/rooms.ts';
import { endpoint } from '../../endpoint.ts';

export const joinRoom = endpoint({
  method: 'POST',
  path: '/joins',
  operationId: 'joinRoom',
  summary: 'Accept an invitation',
  description: 'Safe to repeat: joining again changes nothing and uses nothing up.',
  tag: 'rooms',
  body: joinRequestSchema,
  answers: { 200: { description: 'The room, and the role in it', schema: joinAnswerSchema } },
  errors: ['not_found', 'invite_over', 'member_limit'],
  handle: ({ body, caller }, { joins }) => joins.join(caller, body),
});
