import type { IncomingMessage, ServerResponse } from 'node:http';
import { withoutSecret } from '~/process/logged-path.server.ts';

/**
 * Removes the query, and secrets in the path, from a request's URL before the server logs it, because they contain people's
 * words, titles and tokens. Our own server logs no query. remix-serve, which may serve the same build, logs Express's
 * `originalUrl` when the response has ended or its connection is lost.
 */
export function hideQuery(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const hide = () => void Object.assign(request, { originalUrl: withoutSecret((request.url ?? '').split('?')[0]!) });
  response.once('prefinish', hide);
  socket.once('close', hide);
  response.once('close', () => socket.off('close', hide));
}
