import { queueActionSchema } from '../../shared/chat/chat.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { actOnQueue, getQueue } from '~/sidecar-client/sidecar.server.ts';

/** PROTOCOL.md 5.8. The turns that wait in a conversation. `POST` resumes the queue, discards all turns, or sends one now. */
const route = apiRoute({
  GET: async ({ param, user }) => Response.json(await getQueue(user, param('chatId'))),
  POST: async ({ request, param, user }) =>
    Response.json(await actOnQueue(user, param('chatId'), await readBody(request, queueActionSchema))),
});
export const loader = route.loader;
export const action = route.action;
