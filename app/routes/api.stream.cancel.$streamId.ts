import { redirect } from '@remix-run/node';
import { apiRoute } from '~/http/api-route.server.ts';
import { formReturnPath } from '~/http/forms/form-return.server.ts';
import { cancelStream } from '~/sidecar-client/sidecar.server.ts';

/**
 * PROTOCOL.md 9. `DELETE /api/stream/cancel/:streamId`: ends the stream and returns how it ended. HTML forms cannot send
 * DELETE, so they send POST, with the path to return to as `returnTo`.
 */
const route = apiRoute({
  DELETE: async ({ param, user }) => Response.json(await cancelStream(user, param('streamId'))),
  POST: async ({ request, param, user }) => {
    const returnTo = await formReturnPath(request);
    const answer = await cancelStream(user, param('streamId'));
    return returnTo === null ? Response.json(answer) : redirect(returnTo, 303);
  },
});
export const loader = route.loader;
export const action = route.action;
