import { apiRoute } from '~/http/api-route.server.ts';
import { listShares, revokeShares } from '~/shares/shares.server.ts';

/** `GET /api/shares`: all public pages of the caller. `DELETE` revokes them. */
const route = apiRoute({
  GET: async ({ user }) => Response.json({ shares: await listShares(user) }),
  DELETE: async ({ user }) => {
    await revokeShares(user);
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
