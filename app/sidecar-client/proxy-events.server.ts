import type { IncomingMessage, ServerResponse } from 'node:http';
import { config } from '~/process/config.server.ts';
import { directBody, type BodyEnd } from './direct-body.server.ts';
import { clientSignal } from '~/process/exchange.server.ts';
import type { Caller } from './sidecar-http.server.ts';
import { openEvents } from './sidecar.server.ts';

export interface ProxyEvents {
  user: Caller;
  streamId: string;
  /** Frames as server-sent events, or the text alone. */
  as: 'events' | 'text';
  /** The last event id that the reader has. */
  after?: string;
  headers?: Record<string, string>;
}

/** `no-transform` keeps compression, which costs CPU and holds chunks back, away from streams. */
const STREAM_HEADERS = { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };
const PASSED_ON = ['x-stream-id', 'x-stream-status', 'x-stream-reset'];
/** Said here and not passed on: what a model wrote is never opened as anything else. */
const CONTENT_TYPES = { events: 'text/event-stream', text: 'text/plain; charset=utf-8' };

/** What a reader who says nothing else gets: events only where `Accept` names them. */
export const wantedForm = (request: Request): 'events' | 'text' =>
  request.headers.get('accept')?.includes('text/event-stream') ? 'events' : 'text';

/**
 * A stream from the sidecar as the answer to the current request: byte for byte, at the reader's pace, ended where it
 * ended, cut where it was cut, and closed at the sidecar as soon as the reader has left.
 */
export async function proxyEvents({ user, streamId, as, after, headers }: ProxyEvents): Promise<Response> {
  const upstream = await openEvents(user, streamId, { as, after, signal: clientSignal() });
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

/** Resolves when the upstream has ended or broken off, which it also does when the reader leaves (its signal). */
function pipe(upstream: IncomingMessage, response: ServerResponse, maxMs: number): Promise<BodyEnd> {
  return new Promise((resolve) => {
    // A reader is let in for a while, then has to show again who it is.
    const timer = setTimeout(() => upstream.destroy(), maxMs);
    const settle = () => {
      clearTimeout(timer);
      resolve(upstream.complete && upstream.readableEnded ? 'end' : 'cut');
    };
    // How it broke off does not matter: `close` follows every error.
    upstream.on('error', () => {});
    if (upstream.closed) return settle();
    upstream.once('close', settle);
    upstream.pipe(response, { end: false });
  });
}
