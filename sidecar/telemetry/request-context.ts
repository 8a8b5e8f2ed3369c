import { AsyncLocalStorage } from 'node:async_hooks';

/** The request on whose behalf something happens. Its id is in the log lines of the app and of the sidecar. */
export interface RequestContext {
  requestId: string;
  /** The parent of the spans that this request causes (W3C `traceparent`); left out if the request has none. */
  traceparent?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/**
 * The request that caused the running code; `undefined` if no request caused it, for example in a takeover. Everything that a
 * generation does is caused by the request that started the generation.
 */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

/** Runs `work`, and everything that it starts, on behalf of the request in `context`. */
export const onBehalfOf = <Result>(context: RequestContext, work: () => Result): Result => storage.run(context, work);

export function logFieldsOf({ requestId, traceparent }: RequestContext): { requestId: string; traceId?: string } {
  const traceId = traceIdIn(traceparent);
  return traceId === undefined ? { requestId } : { requestId, traceId };
}

const REQUEST_ID = /^[\w.-]{1,128}$/;
const TRACE_PARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/;

/** The value of an `X-Request-Id` header if it is safe to log; otherwise `undefined`. */
export const plainRequestId = (given: unknown): string | undefined =>
  typeof given === 'string' && REQUEST_ID.test(given) ? given : undefined;

/** The trace id in a `traceparent` header; `undefined` if the header is missing or not valid. */
export function traceIdIn(traceparent: unknown): string | undefined {
  const traceId = typeof traceparent === 'string' ? TRACE_PARENT.exec(traceparent)?.[1] : undefined;
  return traceId === undefined || /^0+$/.test(traceId) ? undefined : traceId;
}
