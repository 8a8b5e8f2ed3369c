import { sayRequestSchema } from '../../shared/chat/rooms.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { say } from '~/rooms/rooms.server.ts';

/** PROTOCOL.md 5.10. `POST /api/chats/:chatId/say`: adds a message without asking the model. */
const route = apiRoute({
  POST: async ({ request, param, user }) => {
    const { created, ...answer } = await say(user, param('chatId'), await readBody(request, sayRequestSchema));
    return Response.json(answer, { status: created ? 201 : 200 });
  },
});
export const loader = route.loader;
export const action = route.action;
