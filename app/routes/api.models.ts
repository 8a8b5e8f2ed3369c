import { apiRoute } from '~/http/api-route.server.ts';
import { models } from '~/sidecar-client/sidecar.server.ts';

/** `GET /api/models`: the models to choose from, and why others are not available. */
const route = apiRoute({
  GET: async ({ user }) => Response.json(await models(user)),
});
export const loader = route.loader;
export const action = route.action;
