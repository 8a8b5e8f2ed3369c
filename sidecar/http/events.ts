import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RejoinError } from '../../shared/errors.ts';
import { parseEventId, type EventId } from '../../shared/stream/event-id.ts';
import type { QueuePlace, StreamStatus } from '../../shared/stream/stream.ts';
import { serveReader, type ReaderEnd, type ReaderStart, type Sink } from '../streams/read/reader.ts';
import type { Opening } from '../streams/read/open-stream.ts';
import type { OpenOptions } from './open-responses.ts';
import type { Services } from './services.ts';
import { createSseSink, createTextSink } from './sinks.ts';

/** What a request asks for: events after an event id, or the text. */
export interface EventsPlace {
  isSse: boolean;
  after: EventId | null;
}

interface EventsRequest extends EventsPlace {
  reply: FastifyReply;
  requestId: string;
  streamId: string;
  /** The user to whom the stream belongs. */
  userId: string;
  /** The member of the room who reads the stream; `null` for all other readers. */
  member: OpenOptions['member'];
  opening: Opening;
}

export function placeIn(request: FastifyRequest, afterQuery: string | undefined): EventsPlace {
  const isSse = (request.headers.accept ?? '').includes('text/event-stream');
  return { isSse, after: isSse ? placeOf(request, afterQuery) : null };
}

/** Responds with the log itself as server-sent events, or with the text in it. Resolves when the response has ended. */
export async function serveEvents(
  { reply, requestId, streamId, userId, member, opening, isSse, after }: EventsRequest,
  { manager, store, responses, telemetry, patienceMs }: Services,
): Promise<unknown> {
  if (isSse && opening.isAtEnd) return reply.code(204).header('x-stream-status', opening.status).send();

  reply.hijack();
  const response = reply.raw;
  writeHead(response, { streamId, requestId, opening, isSse });
  const sink = isSse ? createSseSink(response) : createTextSink(response);
  const showPlace = (place: number) => {
    if (isSse) response.write(placeEvent(place));
  };
  responses.add(response, { hasHeartbeat: isSse, member });
  telemetry.readerOpened({ streamId }, opening.kind);
  let end: ReaderEnd = 'cut';
  try {
    const from = await beginningOf(opening, { manager, userId, streamId, sink, showPlace });
    if (from !== null) {
      end = await serveReader({
        store,
        streams: manager.streams,
        streamId,
        sink,
        from,
        after: opening.isReset || opening.status === 'queued' ? null : after,
        patienceMs,
      });
    } else if (sink.isClosed) end = 'left';
  } finally {
    responses.remove(response);
    telemetry.readerClosed({ streamId }, end);
    if (end === 'done' && !isSse) {
      const { status } = await manager.state(userId, streamId).catch(() => ({ status: 'error' as const }));
      await endText(response, status);
    } else finish(response, end === 'done');
  }
  return undefined;
}

/** Where the reader begins; `null` if there is nothing to read. If the stream is queued, waits until the stream starts. */
async function beginningOf(
  opening: Opening,
  {
    manager,
    userId,
    streamId,
    sink,
    showPlace,
  }: {
    manager: Services['manager'];
    userId: string;
    streamId: string;
    sink: Sink;
    showPlace: (place: number) => void;
  },
): Promise<ReaderStart | null> {
  if (opening.status !== 'queued') return opening.from;
  const reader = {
    onPlace: showPlace,
    onClose: (listener: (() => void) | null) => sink.onClose(listener),
    get isClosed() {
      return sink.isClosed;
    },
  };
  if ((await manager.waitForTurn(streamId, reader)) !== 'begun') return null;
  return manager.open(userId, streamId, null).then(
    ({ from }) => from,
    () => null,
  );
}

/** An event with the stream's place in the queue. The event is not in the log and has no id. A reader that resumes gets a new one. */
const placeEvent = (place: number): string => {
  const data: QueuePlace = { place };
  return `data: ${JSON.stringify({ type: 'data-queue', data, transient: true })}\n\n`;
};

/** To a client a clean end means that the text is complete, so the connection is reset if the answer has failed. */
async function endText(response: ServerResponse, status: StreamStatus): Promise<void> {
  // A reset discards bytes that are still on their way, and a text cannot be resumed. So the bytes get time to arrive.
  if (status === 'error') await delay(TEXT_FLUSH_MS);
  finish(response, status !== 'error');
}

const TEXT_FLUSH_MS = 1000;

/**
 * The event after which the reader continues. The header has precedence over the query: when an `EventSource` reconnects, it sends
 * the newest id in the header and repeats the old query.
 */
function placeOf(request: FastifyRequest, afterQuery: string | undefined): EventId | null {
  const header = request.headers['last-event-id'];
  const text = (typeof header === 'string' && header !== '' ? header : undefined) ?? afterQuery;
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
    // A proxy that compresses or buffers the response would hold frames back. These two headers forbid compression and buffering.
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-stream-id': streamId,
    'x-request-id': requestId,
    ...(opening.isReset ? { 'x-stream-reset': '1' } : {}),
    ...(opening.status === 'active' || opening.status === 'queued' ? {} : { 'x-stream-status': opening.status }),
  });
  response.flushHeaders();
}

/** Ends a complete response cleanly. Resets the connection of an incomplete one: an HTTP/1.0 proxy would take a FIN for a clean end. */
function finish(response: ServerResponse, isClean: boolean): void {
  if (response.destroyed) return;
  if (isClean) response.end();
  else response.socket?.resetAndDestroy();
}
