import { apiRoute } from '~/http/api-route.server.ts';
import { revokeInvites } from '~/rooms/rooms.server.ts';

/** PROTOCOL.md 5.9. `DELETE /api/chats/:chatId/invites/:inviteId`: nobody can join by this invite any more. */
const route = apiRoute({
  DELETE: async ({ param, user }) => {
    await revokeInvites(user, param('chatId'), param('inviteId'));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
