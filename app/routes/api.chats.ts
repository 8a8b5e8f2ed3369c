import { chatListQuerySchema } from '../../shared/chat/chat.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readQuery } from '~/http/read-query.server.ts';
import { deleteAllChats, listChats } from '~/sidecar-client/sidecar.server.ts';

/**
 * `GET /api/chats?before=&limit=&q=&list=`: a page of the caller's conversations, most recently changed first. `next` in the
 * response is the `before` of the next page. `DELETE` deletes all conversations of the caller and their streams.
 */
const route = apiRoute({
  GET: async ({ request, user }) => Response.json(await listChats(user, readQuery(request, chatListQuerySchema))),
  DELETE: async ({ user }) => {
    await deleteAllChats(user);
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
