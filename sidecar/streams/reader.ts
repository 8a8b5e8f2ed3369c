import { parseEventId, type EventId } from '../../shared/event-id.ts';
import type { Page, StreamStore } from '../store/stream-store.ts';
import { StoreUnavailable } from '../store/stream-store.ts';
import type { LiveReader } from './live-log.ts';
import type { LocalStreams } from './local-streams.ts';
import { lastEventIdOf, wholeFrames } from './read-frames.ts';
import { PAGE_BYTES } from './replay-log.ts';

/** Where a reader's bytes go: one HTTP response. */
export interface Sink {
  /** Takes bytes, whole frames; false when it is full and wants {@link Sink.drained}. */
  write(frames: Buffer): boolean;
  /** Resolves when there is room again, or when it is closed. */
  drained(): Promise<void>;
  readonly isClosed: boolean;
}

/** `done`: it has all of a log that has ended. `cut`: it has to come back. `left`: it went away. */
export type ReaderEnd = 'done' | 'cut' | 'left';

export interface ReaderOptions {
  store: StreamStore;
  streams: LocalStreams;
  streamId: string;
  sink: Sink;
  /** Where it begins: a page from the store, or a position that this process holds. */
  from: Page | number;
  /** For how long Redis may be away before a reader that needs it is cut. */
  patienceMs: number;
  /** Resolves when the sink is closed. */
  closed: Promise<void>;
}

/**
 * Serves one reader from where it begins to the end of the stream. It moves from pages of the store to the live tail
 * by its position alone, and back when it is slow, so its slowness is never held on the heap.
 */
export async function serveReader({
  store,
  streams,
  streamId,
  sink,
  from,
  patienceMs,
  closed,
}: ReaderOptions): Promise<ReaderEnd> {
  let position = typeof from === 'number' ? from : from.position;
  let page: Page | null = typeof from === 'number' ? null : from;
  let lastFrames: Buffer | null = null;
  let pageBytes = PAGE_BYTES;
  let isEntered = false;

  const enter = () => {
    if (!isEntered && streams.get(streamId)) {
      streams.enter(streamId);
      isEntered = true;
    }
  };
  const give = (frames: Buffer): boolean => {
    position += frames.length;
    lastFrames = frames;
    return sink.write(frames);
  };
  /** After the last frame that was given, provably; a bare position where none was given yet. */
  const place = (): EventId | number => (lastFrames && parseEventId(lastEventIdOf(lastFrames) ?? '')) ?? position;

  try {
    for (;;) {
      if (sink.isClosed) return 'left';
      if (page !== null) {
        const whole = wholeFrames(page.bytes);
        if (whole > 0) {
          pageBytes = PAGE_BYTES;
          if (!give(page.bytes.subarray(0, whole))) await sink.drained();
        } else if (page.bytes.length > 0) {
          pageBytes *= 2;
        }
        const isFinal = page.status !== 'active' && page.status !== 'sealed';
        if (isFinal && position === page.length) return 'done';
        if (!isFinal) streams.follow(streamId, page);
        page = null;
        continue;
      }
      enter();
      const local = streams.get(streamId);
      const batches = local?.live.from(position);
      if (!local || !batches) {
        const read = await readPatiently({ store, streamId, from: place(), maxBytes: pageBytes, patienceMs, sink });
        if (typeof read === 'string') return 'cut';
        if (!read.onLog) return 'cut';
        page = read;
        continue;
      }
      if (!batches.every(give)) {
        await sink.drained();
        continue;
      }
      if (local.live.isDone) return 'done';
      const why = await wait(local.live, give, closed);
      if (why === 'full') await sink.drained();
      else if (why !== 'closed') return why;
    }
  } finally {
    if (isEntered) streams.leave(streamId);
  }
}

/** Stands at the tail until it can take no more, or there is nothing more to take. */
function wait(
  live: { join(reader: LiveReader): void; leave(reader: LiveReader): void },
  give: (frames: Buffer) => boolean,
  closed: Promise<void>,
): Promise<'full' | 'done' | 'cut' | 'closed'> {
  return new Promise((resolve) => {
    const reader: LiveReader = {
      deliver(frames) {
        if (give(frames)) return true;
        resolve('full');
        return false;
      },
      release: resolve,
    };
    live.join(reader);
    void closed.then(() => {
      live.leave(reader);
      resolve('closed');
    });
  });
}

/** Between tries while Redis is away. */
const RETRY_MS = 250;

async function readPatiently({
  store,
  streamId,
  from,
  maxBytes,
  patienceMs,
  sink,
}: {
  store: StreamStore;
  streamId: string;
  from: EventId | number;
  maxBytes: number;
  patienceMs: number;
  sink: Sink;
}): Promise<Page | 'gone' | 'deleted'> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await store.read(streamId, from, maxBytes);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || Date.now() > until || sink.isClosed) return 'gone';
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
