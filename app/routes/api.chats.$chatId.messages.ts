import { messagesQuerySchema } from '../../shared/chat/chat.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readQuery } from '~/http/read-query.server.ts';
import { getMessages } from '~/sidecar-client/sidecar.server.ts';

/** `GET /api/chats/:chatId/messages?after=&limit=`: all versions of all messages, in the order in which they were added. */
const route = apiRoute({
  GET: async ({ request, param, user }) =>
    Response.json(await getMessages(user, param('chatId'), readQuery(request, messagesQuerySchema))),
});
export const loader = route.loader;
export const action = route.action;
