import { feedQuerySchema } from '../../shared/rooms.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readQuery } from '~/http/read-query.server.ts';
import { clientSignal } from '~/process/exchange.server.ts';
import { openFeed } from '~/rooms/rooms.server.ts';
import { passOn } from '~/sidecar-client/proxy-events.server.ts';

/**
 * PROTOCOL.md 5.10. `GET /api/chats/:chatId/events?tab=`: the feed of a room, byte for byte. It is cut when the sidecar cuts it,
 * and after `READER_MAX_MS`.
 */
const route = apiRoute({
  GET: async ({ request, param, user }) => {
    const signal = clientSignal();
    const { tab, after } = readQuery(request, feedQuerySchema);
    const heard = request.headers.get('last-event-id') ?? after;
    return passOn(await openFeed(user, param('chatId'), { tab, after: heard, signal }), { as: 'events' });
  },
});
export const loader = route.loader;
export const action = route.action;
