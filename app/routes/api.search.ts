import { searchQuerySchema } from '../../shared/chat/search.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readQuery } from '~/http/read-query.server.ts';
import { searchChats } from '~/sidecar-client/sidecar.server.ts';

/** `GET /api/search?q=&before=&limit=`: the caller's chats that contain these words. */
const route = apiRoute({
  GET: async ({ request, user }) => Response.json(await searchChats(user, readQuery(request, searchQuerySchema))),
});
export const loader = route.loader;
export const action = route.action;
