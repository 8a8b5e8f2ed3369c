import { AsyncLocalStorage } from 'node:async_hooks';
import diagnosticsChannel from 'node:diagnostics_channel';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request that this process is answering, as Node has it. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The caller's `x-request-id` where it is a plain one, else our own. */
  requestId: string;
  /** W3C `traceparent`: what this request begins is traced under this one; left out where nobody traces it. */
  traceparent?: string;
}

/**
 * Remix gives a loader no way to Node's own response, and `request.signal` forgets a reader who leaves as soon as the
 * garbage collector has run (undici follows signals by weak references, and Remix wraps the request several times). So
 * every exchange is taken from Node's diagnostics channel and kept with its asynchronous calls. The storage hangs on
 * `globalThis` so that a module loaded again (Vite, in development) finds the same one.
 */
const STORAGE = Symbol.for('rejoin.exchange');
const holder = globalThis as unknown as { [STORAGE]?: AsyncLocalStorage<Exchange> };
const storage = (holder[STORAGE] ??= observeExchanges());

function observeExchanges(): AsyncLocalStorage<Exchange> {
  const exchanges = new AsyncLocalStorage<Exchange>();
  diagnosticsChannel.subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    exchanges.enterWith({ request, response, requestId: requestIdOf(request), traceparent: traceparentOf(request) });
  });
  return exchanges;
}

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,128}$/.test(given) ? given : randomUUID();
}

function traceparentOf({ headers: { traceparent } }: IncomingMessage): string | undefined {
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The exchange that the calling code works for; `undefined` outside of a request. */
export const currentExchange = (): Exchange | undefined => storage.getStore();

/**
 * Aborts when the client of the current request has gone, or everything has been sent to it. Ask for it before the
 * first wait.
 */
export function clientSignal(): AbortSignal {
  const controller = new AbortController();
  const response = currentExchange()?.response;
  if (!response) return controller.signal;
  if (response.destroyed || response.closed) controller.abort();
  else response.once('close', () => controller.abort());
  return controller.signal;
}

/** The headers by which one request is followed through both processes' logs and traces. */
export function traceHeaders(): Record<string, string> {
  const exchange = currentExchange();
  if (!exchange) return { 'x-request-id': randomUUID() };
  const { requestId, traceparent } = exchange;
  const { tracestate } = exchange.request.headers;
  return {
    'x-request-id': requestId,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(traceparent === undefined || typeof tracestate !== 'string' ? {} : { tracestate }),
  };
}
