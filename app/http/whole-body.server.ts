import { RejoinError } from '../../shared/errors.ts';
import { config } from '~/process/config.server.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { bodyRefusal } from './edge/bounded-body.server.ts';

/**
 * The same request with its whole body in memory, so that nothing is done for an incomplete request. Throws `invalid_request` if
 * the body breaks off, and `request_too_large`, `request_timeout` or `overloaded` if the body exceeds a limit.
 */
export async function withWholeBody(request: Request): Promise<Request> {
  if (!request.body) return request;
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body: await wholeBody(request.body, config().maxRequestBytes) });
}

async function wholeBody(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  // Not a `for await` loop: leaving such a loop early would destroy the connection before the client has the response.
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw bodyErrorOf(error);
    });
    if (done) return Buffer.concat(chunks);
    bytes += value.length;
    if (bytes > maxBytes) {
      throw new RejoinError('request_too_large', { detail: `A request may have at most ${maxBytes} bytes.` });
    }
    chunks.push(value);
  }
}

/**
 * The error for a body that could not be read. If `boundBody` refused the body, this is the error of `boundBody`. Otherwise the
 * client has closed the connection or the body is malformed, and this is `invalid_request`.
 */
export function bodyErrorOf(cause: unknown): RejoinError {
  const exchange = currentExchange();
  const refused = exchange && bodyRefusal(exchange.request);
  return refused ?? new RejoinError('invalid_request', { detail: 'The body of the request cannot be read.', cause });
}
