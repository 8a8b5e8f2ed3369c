import type { IncomingMessage, ServerResponse } from 'node:http';
import { withoutSecret } from '~/process/logged-path.server.ts';

/**
 * Takes the query, and secrets in the path, off the address before the server logs the request: people's words, titles and tokens stand in it.
 * Our own server logs no query; remix-serve, which may serve the same build, prints what Express keeps as `originalUrl`
 * when the response has ended or its connection is lost.
 */
export function hideQuery(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const hide = () => void Object.assign(request, { originalUrl: withoutSecret((request.url ?? '').split('?')[0]!) });
  response.once('prefinish', hide);
  socket.once('close', hide);
  response.once('close', () => socket.off('close', hide));
}
