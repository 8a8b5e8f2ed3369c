import { apiRoute } from '~/http/api-route.server.ts';
import { proxyEvents, wantedForm } from '~/sidecar-client/proxy-events.server.ts';

/**
 * `GET /api/stream/resume/:streamId`: with `Accept: text/event-stream` the frames after `Last-Event-ID` (or `?after=`)
 * and then live ones, else the text from the beginning.
 */
const route = apiRoute({
  GET: async ({ request, param, user }) =>
    proxyEvents({
      user,
      streamId: param('streamId'),
      as: wantedForm(request),
      // An EventSource reconnects to the address it began with and says in the header how far it came since.
      after: request.headers.get('last-event-id') ?? new URL(request.url).searchParams.get('after') ?? undefined,
    }),
});
export const loader = route.loader;
export const action = route.action;
