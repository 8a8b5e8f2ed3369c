import type { ServerResponse } from 'node:http';
import { currentExchange } from '~/process/exchange.server.ts';

/** How a body ended: whole, or cut, so that the reader must not take it for whole. */
export type BodyEnd = 'end' | 'cut';

/**
 * The body of a `Response` that is written straight into Node's own one, which Remix waits for as for any other.
 * Remix's writer does not wait for a slow reader, does not notice one who has left, and can end a body but not cut it;
 * it also costs half as much CPU again for each chunk.
 *
 * `write` is called once the headers are set, and must come to its end when the response closes. What it throws is a
 * defect and cuts the connection.
 */
export function directBody(write: (response: ServerResponse) => Promise<BodyEnd>): ReadableStream<Uint8Array> {
  const exchange = currentExchange();
  if (!exchange) throw new Error('a direct body can only be written by a Node HTTP server');
  const { response } = exchange;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    // Somebody else reads this body, to send it on under other headers: it is not for them.
    if (!response.hasHeader('content-type')) {
      return controller.error(new Error('a direct body is written under the headers of its own response only'));
    }
    let end: BodyEnd = 'cut';
    try {
      response.flushHeaders();
      end = await write(response);
    } finally {
      if (end === 'cut') cut(response);
      controller.close();
    }
  };
  // Without a queue nothing is pulled before Remix has set the headers and begins to read.
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/** Resets the connection: a FIN would be made a clean end by a proxy that speaks HTTP/1.0. */
const cut = (response: ServerResponse): void => void response.socket?.resetAndDestroy();

/** Waits until the reader has taken what was written, or has left. */
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
