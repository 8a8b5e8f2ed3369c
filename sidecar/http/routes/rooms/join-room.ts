import { joinAnswerSchema, joinRequestSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';

export const joinRoom = endpoint({
  method: 'POST',
  path: '/joins',
  operationId: 'joinRoom',
  summary: 'Accept an invitation',
  description:
    'Safe to repeat: if the caller is in the room already, the request changes nothing and does not count as a use of the invitation.',
  tag: 'rooms',
  body: joinRequestSchema,
  answers: { 200: { description: 'The room, and the role of the caller in it', schema: joinAnswerSchema } },
  errors: ['not_found', 'invite_over', 'member_limit'],
  handle: ({ body, caller }, { joins }) => joins.join(caller, body),
});
