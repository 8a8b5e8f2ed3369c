import { apiRoute } from '~/http/api-route.server.ts';
import { streamState } from '~/sidecar-client/sidecar.server.ts';

/** `GET /api/stream/status/:streamId`: the state of a stream. */
const route = apiRoute({
  GET: async ({ param, user }) => Response.json(await streamState(user, param('streamId'))),
});
export const loader = route.loader;
export const action = route.action;
