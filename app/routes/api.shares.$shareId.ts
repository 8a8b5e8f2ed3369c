import { sharePatchSchema } from '../../shared/chat/shares.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { getShare, patchShare, revokeShare } from '~/shares/shares.server.ts';

/** `/api/shares/:shareId`: one public page of the caller. `PATCH` changes it, or makes the next revision of a snapshot. */
const route = apiRoute({
  GET: async ({ param, user }) => Response.json(await getShare(user, param('shareId'))),
  PATCH: async ({ request, param, user }) =>
    Response.json(await patchShare(user, param('shareId'), await readBody(request, sharePatchSchema))),
  DELETE: async ({ param, user }) => {
    await revokeShare(user, param('shareId'));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
