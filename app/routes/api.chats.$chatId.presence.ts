import { presenceSchema } from '../../shared/chat/rooms.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { tellPresence } from '~/rooms/rooms.server.ts';

/** PROTOCOL.md 5.10. `POST /api/chats/:chatId/presence`: a page with an open feed reports whether its person is typing. */
const route = apiRoute({
  POST: async ({ request, param, user }) => {
    await tellPresence(user, param('chatId'), await readBody(request, presenceSchema));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
