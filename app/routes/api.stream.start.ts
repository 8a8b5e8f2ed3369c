import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { startStream } from '~/sidecar-client/sidecar.server.ts';
import { startBodySchema } from '../../shared/stream/stream.ts';

/**
 * PROTOCOL.md 5. `POST /api/stream/start`: 201 for a new stream, 202 if it has to wait, 200 if the same request has started it
 * before.
 */
const route = apiRoute(
  {
    POST: async ({ request, user }) => {
      const { created, ...answer } = await startStream(user, await readBody(request, startBodySchema));
      return Response.json(answer, { status: answer.status === 'queued' ? 202 : created ? 201 : 200 });
    },
  },
  { begins: true },
);
export const loader = route.loader;
export const action = route.action;
