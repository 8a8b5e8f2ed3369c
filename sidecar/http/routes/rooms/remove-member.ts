import { RejoinError } from '../../../../shared/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { memberParams } from '../../parameters.ts';

export const removeMember = endpoint({
  method: 'DELETE',
  path: '/chats/:chatId/members/:userId',
  operationId: 'removeMember',
  summary: 'Remove a member, or leave',
  description:
    'The owner can remove every member, and members can remove themselves. The open responses in which the member reads answers or the feed of this conversation are cut off within seconds. A person whom the owner removed cannot join again with an invitation that was made before. Safe to repeat.',
  tag: 'rooms',
  params: memberParams,
  answers: { 204: 'Removed, or there was no such member' },
  errors: ['invalid_request'],
  async handle({ params, caller, reply }, { access, members }) {
    const chat = await access.chat(caller, params.chatId, 'viewer').catch((error: unknown) => {
      // Leaving a room also succeeds for people who are not in the room, and for a room that does not exist. So leaving is safe
      // to repeat, and the response does not tell whether the room exists.
      const isGone = error instanceof RejoinError && error.code === 'not_found';
      if (isGone && params.userId === caller.userId) return null;
      throw error;
    });
    if (chat !== null) await members.remove(chat, params.userId);
    return reply.code(204).send();
  },
});
