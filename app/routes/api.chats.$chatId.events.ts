import { feedQuerySchema } from '../../shared/chat/rooms.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readQuery } from '~/http/read-query.server.ts';
import { clientSignal } from '~/process/exchange.server.ts';
import { openFeed } from '~/rooms/rooms.server.ts';
import { passOn } from '~/sidecar-client/proxy-events.server.ts';

/**
 * PROTOCOL.md 5.10. `GET /api/chats/:chatId/events?tab=`: passes on the sidecar's feed of a room, byte for byte. The response is
 * cut when the sidecar cuts the feed, and at the latest after `READER_MAX_MS`.
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
