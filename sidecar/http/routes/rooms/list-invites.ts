import { inviteListSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const listInvites = endpoint({
  method: 'GET',
  path: '/chats/:chatId/invites',
  operationId: 'listInvites',
  summary: 'List the invitations that can still be used, the newest first',
  tag: 'rooms',
  params: chatParams,
  answers: { 200: { description: 'The invitations, without their tokens', schema: inviteListSchema } },
  async handle({ params, caller }, { access, invites }) {
    const chat = await access.chat(caller, params.chatId);
    return { invites: await invites.list(chat) };
  },
});
