import { RejoinError } from '../../shared/errors.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { proxyEvents } from '~/sidecar-client/proxy-events.server.ts';
import { latestStream } from '~/sidecar-client/sidecar.server.ts';
import { STOCK_CHAT_HEADERS } from '~/sidecar-client/stock-chat.server.ts';

/**
 * `GET /api/chat/:chatId/stream`: a stock `useChat({ resume: true })` calls this when it is mounted. Answers the chat's latest
 * stream from its base, or 204. A stock client takes any other status for an error, so 204 is also for a chat that does not
 * exist yet.
 */
const route = apiRoute({
  GET: async ({ param, user }) => {
    try {
      const latest = await latestStream(user, param('chatId'));
      if (!latest) return new Response(null, { status: 204 });
      return await proxyEvents({ user, streamId: latest.streamId, as: 'events', headers: STOCK_CHAT_HEADERS });
    } catch (error) {
      if (error instanceof RejoinError && error.code === 'not_found') return new Response(null, { status: 204 });
      throw error;
    }
  },
});
export const loader = route.loader;
export const action = route.action;
