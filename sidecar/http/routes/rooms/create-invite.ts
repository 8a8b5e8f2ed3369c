import { inviteAnswerSchema, inviteRequestSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const createInvite = endpoint({
  method: 'POST',
  path: '/chats/:chatId/invites',
  operationId: 'createInvite',
  summary: 'Invite people to a conversation',
  description:
    'Only this response contains the token of the invitation. Everybody who has the token can join, until `maxUses` people have joined. The conversation becomes a room with the first invitation.',
  tag: 'rooms',
  params: chatParams,
  body: inviteRequestSchema,
  answers: { 201: { description: 'Made', schema: inviteAnswerSchema } },
  errors: ['member_limit'],
  async handle({ params, body, caller, reply }, { access, invites }) {
    const chat = await access.chat(caller, params.chatId);
    return reply.code(201).send(await invites.create(chat, body));
  },
});
