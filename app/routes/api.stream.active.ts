import { apiRoute } from '../api-route.server.ts';
import { activeStreams } from '../sidecar.server.ts';

/** `GET /api/stream/active`: the caller's active streams. */
const route = apiRoute({
  GET: async ({ user }) => Response.json({ streams: await activeStreams(user) }),
});
export const loader = route.loader;
export const action = route.action;
