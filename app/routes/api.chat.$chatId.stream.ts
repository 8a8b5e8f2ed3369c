import { RejoinError } from '../../shared/errors.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { proxyEvents } from '~/sidecar-client/proxy-events.server.ts';
import { latestStream } from '~/sidecar-client/sidecar.server.ts';
import { STOCK_CHAT_HEADERS } from '~/sidecar-client/stock-chat.server.ts';

const nothingToFollow = () => new Response(null, { status: 204 });

/**
 * `GET /api/chat/:chatId/stream`: the request of the AI SDK's `useChat({ resume: true })` when it mounts. Sends the whole
 * answer of the chat's latest stream, or 204. The client would show any other status as an error, so a chat that does not exist
 * yet and a browser without a session get 204, too.
 */
const route = apiRoute(
  {
    GET: async ({ param, user }) => {
      try {
        const latest = await latestStream(user, param('chatId'));
        if (!latest) return nothingToFollow();
        return await proxyEvents({ user, streamId: latest.streamId, as: 'events', headers: STOCK_CHAT_HEADERS });
      } catch (error) {
        if (error instanceof RejoinError && error.code === 'not_found') return nothingToFollow();
        throw error;
      }
    },
  },
  { forNewcomers: nothingToFollow },
);
export const loader = route.loader;
export const action = route.action;
