import type { IncomingMessage, ServerResponse } from 'node:http';
import { withoutSecret } from '~/process/logged-path.server.ts';

/**
 * Removes the query, and secrets in the path, from Express's `originalUrl`. remix-serve logs this URL when a response has ended
 * or its connection is lost. The query may contain people's words, titles and tokens.
 */
export function hideQuery(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const hide = () => void Object.assign(request, { originalUrl: withoutSecret((request.url ?? '').split('?')[0]!) });
  response.once('prefinish', hide);
  socket.once('close', hide);
  response.once('close', () => socket.off('close', hide));
}
