import type { IncomingMessage, ServerResponse } from 'node:http';
import { config } from '~/process/config.server.ts';
import { directBody, type BodyEnd } from './direct-body.server.ts';
import { clientSignal } from '~/process/exchange.server.ts';
import type { Caller, SidecarEvents } from './sidecar-http.server.ts';
import { openEvents } from './sidecar.server.ts';

export interface ProxyEvents {
  user: Caller;
  streamId: string;
  /** `events`: the frames as server-sent events. `text`: the answer as plain text. */
  as: 'events' | 'text';
  /** The reader's last event id. */
  after?: string;
  headers?: Record<string, string>;
}

/** `no-transform` prevents compression, which costs CPU and delays chunks. */
const STREAM_HEADERS = { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };
const PASSED_ON = ['x-stream-id', 'x-stream-status', 'x-stream-reset'];
/** The content type is not copied from the sidecar's response, because a browser must never interpret a model's text as HTML. */
const CONTENT_TYPES = { events: 'text/event-stream', text: 'text/plain; charset=utf-8' };

/** Events only if `Accept` names them; otherwise text. */
export const wantedForm = (request: Request): 'events' | 'text' =>
  request.headers.get('accept')?.includes('text/event-stream') ? 'events' : 'text';

/** Answers the current request with a stream from the sidecar. */
export async function proxyEvents({ user, streamId, as, after, headers }: ProxyEvents): Promise<Response> {
  return passOn(await openEvents(user, streamId, { as, after, signal: clientSignal() }), { as, headers });
}

/**
 * Answers the current request with the sidecar's response, byte for byte and at the reader's pace. The app's response ends cleanly
 * if the sidecar's response ended cleanly, and is cut otherwise. The connection to the sidecar is closed as soon as the reader has
 * left.
 */
export function passOn(upstream: SidecarEvents, { as, headers }: Pick<ProxyEvents, 'as' | 'headers'>): Response {
  const passed = PASSED_ON.flatMap((name) => {
    const value = upstream.body.headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const all = { 'content-type': CONTENT_TYPES[as], ...Object.fromEntries(passed), ...STREAM_HEADERS, ...headers };
  if (upstream.status === 204) return new Response(null, { status: 204, headers: all });
  const { readerMaxMs } = config();
  const body = directBody((response) => pipe(upstream.body, response, readerMaxMs));
  return new Response(body, { status: 200, headers: all });
}

/** Resolves when the sidecar's response has ended or was cut. If the reader leaves, `clientSignal` cuts the sidecar's response. */
function pipe(upstream: IncomingMessage, response: ServerResponse, maxMs: number): Promise<BodyEnd> {
  return new Promise((resolve) => {
    // After this time the response is cut, so that the reader has to authenticate again.
    const timer = setTimeout(() => upstream.destroy(), maxMs);
    const settle = () => {
      clearTimeout(timer);
      resolve(upstream.complete && upstream.readableEnded ? 'end' : 'cut');
    };
    // `close` follows every error, so the error itself does not matter.
    upstream.on('error', () => {});
    if (upstream.closed) return settle();
    upstream.once('close', settle);
    upstream.pipe(response, { end: false });
  });
}
