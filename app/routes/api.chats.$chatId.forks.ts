import { forkRequestSchema } from '../../shared/chat/forks.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { forkChat } from '~/sidecar-client/sidecar.server.ts';

/** PROTOCOL.md 5.6. `POST /api/chats/:chatId/forks`: 201 for a new fork, 200 if the same request has made it before. */
const route = apiRoute({
  POST: async ({ request, param, user }) => {
    const { created, ...answer } = await forkChat(user, param('chatId'), await readBody(request, forkRequestSchema));
    return Response.json(answer, { status: created ? 201 : 200 });
  },
});
export const loader = route.loader;
export const action = route.action;
