import type { IncomingMessage, ServerResponse } from 'node:http';
import { RejoinError } from '../../../shared/errors.ts';

export interface BodyBounds {
  maxBytes: number;
  /** Maximum time from the request's head to the end of its body. */
  deadlineMs: number;
  /** Maximum time for which a client may send nothing while its body is not complete. */
  stallMs: number;
  /** Maximum number of bytes of all bodies that this process holds at one time. */
  maxHeldBytes: number;
}

/** How long a connection stays open after a response, so that a client that is still sending can read the response. */
const LINGER_MS = 2_000;

let heldBytes = 0;
const refusals = new WeakMap<IncomingMessage, RejoinError>();

/** Why the body of this request was refused; `undefined` if it was not. */
export const bodyRefusal = (request: IncomingMessage): RejoinError | undefined => refusals.get(request);

/** Throws `request_too_large` if the `Content-Length` is too large. */
export function assertDeclaredLength({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/**
 * Applies the bounds to a request's body, whatever code reads the body and whatever its transfer encoding is. If a bound is
 * exceeded, the code that reads gets the reason as an error, and the remaining bytes are dropped.
 */
export function boundBody(request: IncomingMessage, response: ServerResponse, bounds: BodyBounds): void {
  const { maxBytes, maxHeldBytes } = bounds;
  const push = request.push.bind(request);
  let bytes = 0;
  let lastAt = Date.now();
  const deadline = lastAt + bounds.deadlineMs;

  function refuse(error: RejoinError): void {
    if (refusals.has(request)) return;
    refusals.set(request, error);
    clearInterval(timer);
    // Perhaps nothing reads the body yet, and an error without a listener would end the process.
    request.on('error', () => {});
    process.nextTick(() => request.emit('error', error));
  }
  const timer = setInterval(() => {
    if (request.complete) return clearInterval(timer);
    const now = Date.now();
    if (now > deadline || now - lastAt > bounds.stallMs) refuse(tooSlow());
  }, 1_000);
  timer.unref();

  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk === null) {
      clearInterval(timer);
      return refusals.has(request) ? false : push(chunk, encoding);
    }
    // `true` tells Node to go on reading from the socket. The bytes are dropped.
    if (refusals.has(request)) return true;
    bytes += chunk.length;
    heldBytes += chunk.length;
    lastAt = Date.now();
    if (bytes > maxBytes) refuse(tooLarge(maxBytes));
    else if (heldBytes > maxHeldBytes) refuse(tooMuchAtOnce());
    else return push(chunk, encoding);
    return true;
  };
  response.once('close', () => {
    clearInterval(timer);
    heldBytes -= bytes;
  });
  response.once('prefinish', () => linger(request));
}

/**
 * After the response to an incomplete request, keeps the connection open for a moment and drops its input. If the connection were
 * closed immediately, the bytes that the client still sends would cause a reset, and the client would lose the response.
 */
function linger(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete || !socket || socket.destroyed) return;
  const destroy = () => void socket.destroy();
  socket.destroySoon = () => {
    request.push = () => true;
    request.resume();
    setTimeout(destroy, LINGER_MS).unref();
    socket.once('end', destroy);
    request.once('end', destroy);
  };
}

const tooLarge = (maxBytes: number) =>
  new RejoinError('request_too_large', { detail: `A request may have at most ${maxBytes} bytes.` });
const tooSlow = () =>
  new RejoinError('request_timeout', { detail: 'The body of the request came too slowly. Please send it again.' });
const tooMuchAtOnce = () =>
  new RejoinError('overloaded', { detail: 'Too much is being sent to this server at once.', retryAfterSeconds: 5 });
