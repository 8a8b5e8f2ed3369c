import { liveStreams, operator } from '~/admin/admin.server.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { allActiveStreams } from '~/sidecar-client/sidecar.server.ts';

/** `GET /admin/streams.json`: everybody's active streams. `/admin` polls this while it is open. */
const route = apiRoute({
  GET: async ({ user }) => Response.json(liveStreams(await allActiveStreams(operator(user)), Date.now())),
});
export const loader = route.loader;
export const action = route.action;
