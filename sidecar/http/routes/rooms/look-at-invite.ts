import { invitationSchema, lookRequestSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';

export const lookAtInvite = endpoint({
  method: 'POST',
  path: '/joins/look',
  operationId: 'lookAtInvite',
  summary: 'See what an invitation leads to',
  description: 'Changes nothing. The token is in the body, because URLs are logged.',
  tag: 'rooms',
  body: lookRequestSchema,
  answers: {
    200: { description: 'The conversation, and the role that the caller would get in it', schema: invitationSchema },
  },
  errors: ['not_found', 'invite_over'],
  handle: ({ body, caller }, { joins }) => joins.look(caller, body.token),
});
