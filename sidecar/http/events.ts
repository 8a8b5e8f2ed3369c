import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RejoinError } from '../../shared/errors.ts';
import { parseEventId, type EventId } from '../../shared/event-id.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';
import { serveReader, type ReaderEnd } from '../streams/read/reader.ts';
import type { Opening } from '../streams/read/open-stream.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Caller } from './auth.ts';
import type { OpenResponses } from './open-responses.ts';
import { createSseSink, createTextSink } from './sinks.ts';

export interface EventsOptions {
  manager: StreamManager;
  store: StreamStore;
  responses: OpenResponses;
  telemetry: Telemetry;
  /** For how long a reader is held while Redis is away. */
  patienceMs: number;
}

interface EventsRequest {
  Params: { streamId: string };
  Querystring: { after?: string };
}

/** `GET /streams/:streamId/events`: the log itself as server-sent events, or the text in it. */
export function eventsHandler({ manager, store, responses, telemetry, patienceMs }: EventsOptions) {
  return async function events(
    request: FastifyRequest<EventsRequest>,
    reply: FastifyReply,
    caller: Caller,
  ): Promise<unknown> {
    const { streamId } = request.params;
    const isSse = (request.headers.accept ?? '').includes('text/event-stream');
    const after = isSse ? placeOf(request) : null;
    const opening = await manager.open(caller.userId, streamId, after);
    if (isSse && opening.isAtEnd) return reply.code(204).header('x-stream-status', opening.status).send();

    reply.hijack();
    const response = reply.raw;
    writeHead(response, { streamId, requestId: request.id, opening, isSse });
    const sink = isSse ? createSseSink(response) : createTextSink(response);
    responses.add(response, { hasHeartbeat: isSse });
    telemetry.readerOpened({ streamId }, opening.kind);
    let end: ReaderEnd = 'cut';
    try {
      end = await serveReader({
        store,
        streams: manager.streams,
        streamId,
        sink,
        from: opening.from,
        after: opening.isReset ? null : after,
        patienceMs,
      });
    } finally {
      responses.remove(response);
      telemetry.readerClosed({ streamId }, end);
      if (end === 'done' && !isSse) await endText(response, caller, streamId);
      else finish(response, end === 'done');
    }
    return undefined;
  };

  /** A clean end says "this is all there is": as text only of an answer that did not fail. */
  async function endText(response: ServerResponse, { userId }: Caller, streamId: string): Promise<void> {
    const { status } = await manager.state(userId, streamId).catch(() => ({ status: 'error' as const }));
    // A reset throws away what is still on its way, and a text cannot be resumed: what was written comes first.
    if (status === 'error') await new Promise((resolve) => setTimeout(resolve, TEXT_FLUSH_MS));
    finish(response, status !== 'error');
  }
}

const TEXT_FLUSH_MS = 1000;

/** After which event the reader wants to go on. A header wins over the query, as with `EventSource`. */
function placeOf(request: FastifyRequest<EventsRequest>): EventId | null {
  const header = request.headers['last-event-id'];
  const text = (typeof header === 'string' && header !== '' ? header : undefined) ?? request.query.after;
  if (text === undefined || text === '') return null;
  const id = parseEventId(text);
  if (id === null)
    throw new RejoinError('invalid_event_id', {
      detail: 'Send the id of the last event you received, or none to begin at the beginning.',
    });
  return id;
}

function writeHead(
  response: ServerResponse,
  { streamId, requestId, opening, isSse }: { streamId: string; requestId: string; opening: Opening; isSse: boolean },
): void {
  response.writeHead(200, {
    'content-type': isSse ? 'text/event-stream; charset=utf-8' : 'text/plain; charset=utf-8',
    // `no-transform` keeps compressing proxies from holding frames back; the other is the same wish to nginx.
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-stream-id': streamId,
    'x-request-id': requestId,
    ...(opening.isReset ? { 'x-stream-reset': '1' } : {}),
    ...(opening.status === 'active' ? {} : { 'x-stream-status': opening.status }),
  });
  response.flushHeaders();
}

/** Anything but the true end is a cut, and a cut is a reset: a FIN would be made a clean end by an HTTP/1.0 hop. */
function finish(response: ServerResponse, isClean: boolean): void {
  if (response.destroyed) return;
  if (isClean) response.end();
  else response.socket?.resetAndDestroy();
}
