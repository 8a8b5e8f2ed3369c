import { apiRoute } from '~/http/api-route.server.ts';
import { listMembers } from '~/rooms/rooms.server.ts';

/** PROTOCOL.md 5.9. `GET /api/chats/:chatId/members`: everybody with a role in the chat, the owner first. */
const route = apiRoute({
  GET: async ({ param, user }) => Response.json({ members: await listMembers(user, param('chatId')) }),
});
export const loader = route.loader;
export const action = route.action;
