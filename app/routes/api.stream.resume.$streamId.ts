import { apiRoute } from '~/http/api-route.server.ts';
import { proxyEvents, wantedForm } from '~/sidecar-client/proxy-events.server.ts';

/**
 * PROTOCOL.md 4. `GET /api/stream/resume/:streamId`: follows an answer to its end. With `Accept: text/event-stream` it sends the
 * frames after `Last-Event-ID` (or `?after=`). Otherwise it sends the text from the beginning.
 */
const route = apiRoute({
  GET: async ({ request, param, user }) =>
    proxyEvents({
      user,
      streamId: param('streamId'),
      as: wantedForm(request),
      // An EventSource reconnects to its first URL, and sends its last event id in the header. So the header wins.
      after: request.headers.get('last-event-id') ?? new URL(request.url).searchParams.get('after') ?? undefined,
    }),
});
export const loader = route.loader;
export const action = route.action;
