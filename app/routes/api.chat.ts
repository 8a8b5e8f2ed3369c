import { apiRoute } from '~/http/api-route.server.ts';
import { proxyEvents } from '~/sidecar-client/proxy-events.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { startStream } from '~/sidecar-client/sidecar.server.ts';
import { STOCK_CHAT_HEADERS, stockChatSchema, stockStartRequest } from '~/sidecar-client/stock-chat.server.ts';

/** `POST /api/chat`: the request of the AI SDK's stock `useChat`. Starts the answer and follows it in one response. */
const route = apiRoute(
  {
    POST: async ({ request, user }) => {
      const asked = await stockStartRequest(user, await readBody(request, stockChatSchema));
      const { streamId } = await startStream(user, asked);
      return proxyEvents({ user, streamId, as: 'events', headers: { ...STOCK_CHAT_HEADERS, 'x-stream-id': streamId } });
    },
  },
  { begins: true },
);
export const loader = route.loader;
export const action = route.action;
