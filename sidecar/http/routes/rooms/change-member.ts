import { memberPatchSchema, memberSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { memberParams } from '../../parameters.ts';

export const changeMember = endpoint({
  method: 'PATCH',
  path: '/chats/:chatId/members/:userId',
  operationId: 'changeMember',
  summary: 'Change the role of a member, or your own name',
  description:
    'Only the owner can change roles. Everybody can change their own name. Guests can only be viewers, unless the sidecar has the setting `GUESTS_MAY_EDIT=1`.',
  tag: 'rooms',
  params: memberParams,
  body: memberPatchSchema,
  answers: { 200: { description: 'The member after the change', schema: memberSchema } },
  async handle({ params, body, caller }, { access, members }) {
    const chat = await access.chat(caller, params.chatId, 'viewer');
    return members.change(chat, params.userId, body);
  },
});
