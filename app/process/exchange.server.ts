import { AsyncLocalStorage } from 'node:async_hooks';
import diagnosticsChannel from 'node:diagnostics_channel';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that this process is answering, with Node's own objects. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The caller's `x-request-id` if it is safe to log, otherwise a new one. */
  requestId: string;
  /** W3C `traceparent`, the parent for the spans of this request. Left out if there is none. */
  traceparent?: string;
}

/**
 * A Remix loader does not get Node's own response object, and the loader's `request.signal` sometimes does not abort when a reader
 * leaves: undici follows signals by weak references, which a garbage collection can break. So every exchange is taken from Node's
 * diagnostics channel and kept in an asynchronous context. The storage is a property of `globalThis`, so that this module finds the
 * same storage when Vite loads the module again.
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

/** The exchange of the calling code; `undefined` outside of a request. */
export const currentExchange = (): Exchange | undefined => storage.getStore();

/** A signal that aborts when the client of the current request has left, or when the response is complete. */
export function clientSignal(): AbortSignal {
  const controller = new AbortController();
  const response = currentExchange()?.response;
  if (!response) return controller.signal;
  if (response.destroyed || response.closed) controller.abort();
  else response.once('close', () => controller.abort());
  return controller.signal;
}

/** Headers for requests to the sidecar. With them, the logs and traces of the app and the sidecar name the same request. */
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
