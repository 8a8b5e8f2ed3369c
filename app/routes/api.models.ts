import { apiRoute } from '~/http/api-route.server.ts';
import { models } from '~/sidecar-client/sidecar.server.ts';

/** `GET /api/models`: the models that one can ask for, and why another is not available. */
const route = apiRoute({
  GET: async ({ user }) => Response.json(await models(user)),
});
export const loader = route.loader;
export const action = route.action;
