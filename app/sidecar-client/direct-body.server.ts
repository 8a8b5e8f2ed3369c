import type { ServerResponse } from 'node:http';
import { currentExchange } from '~/process/exchange.server.ts';
import { log } from '~/process/log.server.ts';
import { loggedPath } from '~/process/logged-path.server.ts';

/** How a body ended: completely, or cut, so that the reader does not take it for complete. */
export type BodyEnd = 'end' | 'cut';

/**
 * Returns a body for a `Response`. Remix gets no bytes from this body, and only waits until the body closes. `write` writes the
 * bytes directly to Node's own response. Remix's writer is not used, because it does not wait for a slow reader, does not notice
 * that a reader has left, cannot cut a body, and needs 50 % more CPU per chunk.
 *
 * `write` is called after the headers are set. The promise of `write` must settle when the response closes. If `write` throws, the
 * error is logged and the connection is cut.
 */
export function directBody(write: (response: ServerResponse) => Promise<BodyEnd>): ReadableStream<Uint8Array> {
  const exchange = currentExchange();
  if (!exchange) throw new Error('a direct body can be made only during a request to a Node HTTP server');
  const { response } = exchange;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    // If the headers are not set yet, something other than Remix's adapter reads the body, and would send it with other headers.
    if (!response.hasHeader('content-type')) {
      return controller.error(new Error('a direct body can be sent only to the client whose request it answers'));
    }
    let end: BodyEnd = 'cut';
    try {
      response.flushHeaders();
      end = await write(response);
    } catch (error) {
      // Remix does not log this error, because the headers are already sent. If the reader has left, nothing has failed.
      if (!response.destroyed)
        log.error({
          event: 'response.failed',
          requestId: exchange.requestId,
          path: loggedPath(exchange.request.url),
          error,
        });
    } finally {
      if (end === 'cut') cut(response);
      controller.close();
    }
  };
  // With a queue of 0, nothing is pulled before Remix has set the headers and begins to read.
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/** Resets the connection (PROTOCOL.md 4.5): an HTTP/1.0 proxy would turn a FIN into a clean end. */
const cut = (response: ServerResponse): void => void response.socket?.resetAndDestroy();

/** Waits until the reader has taken the written bytes, or has left. */
export function drained(response: ServerResponse): Promise<void> {
  if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
