import { apiRoute } from '~/http/api-route.server.ts';
import { deleteAllChats, listChats } from '~/sidecar-client/sidecar.server.ts';

/** `GET /api/chats`: the caller's conversations, newest first. `DELETE`: deletes all of them with their streams. */
const route = apiRoute({
  GET: async ({ user }) => Response.json({ chats: await listChats(user) }),
  DELETE: async ({ user }) => {
    await deleteAllChats(user);
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
