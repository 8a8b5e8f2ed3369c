import { apiRoute } from '~/http/api-route.server.ts';
import { activeStreams } from '~/sidecar-client/sidecar.server.ts';

/** `GET /api/stream/active`: the caller's active streams. */
const route = apiRoute({
  GET: async ({ user }) => Response.json({ streams: await activeStreams(user) }),
});
export const loader = route.loader;
export const action = route.action;
