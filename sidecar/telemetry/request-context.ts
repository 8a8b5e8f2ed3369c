import { AsyncLocalStorage } from 'node:async_hooks';

/** The request on whose behalf something is done: what one request is followed by through the logs of both processes. */
export interface RequestContext {
  requestId: string;
  /** What follows from it is traced under this one (W3C); left out where nobody traces it. */
  traceparent?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** `undefined` outside of a request, as in a takeover. A generation goes on in the context of what started it. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

/** Does `work`, and everything that it begins, on behalf of that request. */
export const onBehalfOf = <Result>(context: RequestContext, work: () => Result): Result => storage.run(context, work);

/** As fields of a line of the log. */
export function logFieldsOf({ requestId, traceparent }: RequestContext): { requestId: string; traceId?: string } {
  const traceId = traceIdIn(traceparent);
  return traceId === undefined ? { requestId } : { requestId, traceId };
}

const REQUEST_ID = /^[\w.-]{1,128}$/;
const TRACE_PARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/;

/** A request id that may stand in a log; `undefined` for anything else. */
export const plainRequestId = (given: unknown): string | undefined =>
  typeof given === 'string' && REQUEST_ID.test(given) ? given : undefined;

/** The trace id in a `traceparent` header, where that is one. */
export function traceIdIn(traceparent: unknown): string | undefined {
  const traceId = typeof traceparent === 'string' ? TRACE_PARENT.exec(traceparent)?.[1] : undefined;
  return traceId === undefined || /^0+$/.test(traceId) ? undefined : traceId;
}
