import { cleanupRequestSchema } from '../../shared/stream/stream.ts';
import { operator } from '~/admin/admin.server.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { cleanup } from '~/sidecar-client/sidecar.server.ts';

/** PROTOCOL.md 9. `POST /api/stream/cleanup`: `{"action": "expired" | "force"}`; without a body `expired`. Returns counts. */
const route = apiRoute({
  POST: async ({ request, user }) => {
    const { action } = await readBody(request, cleanupRequestSchema);
    return Response.json(await cleanup(user.isOperator ? operator(user) : user, action));
  },
});
export const loader = route.loader;
export const action = route.action;
