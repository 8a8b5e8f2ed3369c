import { setTimeout as delay } from 'node:timers/promises';
import type { EventId } from '../../../shared/stream/event-id.ts';
import { isRunning, StoreUnavailable, type Page, type StreamStore } from '../../store/streams/stream-store.ts';
import type { LiveLog, LiveReader } from '../log/live-log.ts';
import type { LocalStreams } from './local-streams.ts';
import { lastEventIdOf, wholeFrames } from '../log/read-frames.ts';
import { PAGE_BYTES } from '../log/replay-log.ts';

/** Where a reader's bytes go: one HTTP response. */
export interface Sink {
  /** Writes whole frames. Returns false if the sink is full; the caller should then wait for {@link Sink.drained}. */
  write(frames: Buffer): boolean;
  /** Resolves when there is room again, or when the sink is closed. */
  drained(): Promise<void>;
  readonly isClosed: boolean;
  /** Sets the listener for the close; `null` removes it. If the sink is already closed, the listener is called immediately. */
  onClose(listener: (() => void) | null): void;
}

/** `done`: the reader has the whole log of an ended stream. `cut`: it has to reconnect. `left`: it closed its connection. */
export type ReaderEnd = 'done' | 'cut' | 'left';

/** Where a reader begins: a page from the store, or a position that this process has in memory. */
export type ReaderStart = Page | { position: number; base: number };

export interface ReaderOptions {
  store: StreamStore;
  streams: LocalStreams;
  streamId: string;
  sink: Sink;
  from: ReaderStart;
  /** The event id that the reader sent. `null` if the reader sent none, or if its event id is not on the log. */
  after: EventId | null;
  /** How long Redis may be away before a reader that needs bytes from Redis is cut. */
  patienceMs: number;
}

/**
 * Serves one reader until the stream ends. The reader gets pages from the store until it reaches the live log. A reader that is
 * too slow for the live log gets pages again, so slow readers take little memory. Before each step, the reader's event id is
 * checked: it must be on the log.
 */
export async function serveReader(options: ReaderOptions): Promise<ReaderEnd> {
  const { store, streams, streamId, sink, from, after, patienceMs } = options;
  const { base } = from;
  let { position } = from;
  let page: Page | null = 'bytes' in from ? from : null;
  /** The frames that were written last, or the event id at their end. */
  let last: Buffer | EventId | null = after;
  let pageBytes = PAGE_BYTES;
  /** True if the reader has everything that was stored at the last read. */
  let isAtEnd = false;
  let turnsAhead = 0;
  let leave: (() => void) | null = null;

  const give = (frames: Buffer): boolean => {
    position += frames.length;
    last = frames;
    isAtEnd = false;
    return sink.write(frames);
  };
  /** The event id at the reader's position; `null` at the very beginning. */
  const id = (): EventId | null => (Buffer.isBuffer(last) ? lastEventIdOf(last) : last);
  /** True if the attempt that the reader is getting was given up, and the reader has nothing of the new attempt yet. */
  const isOver = (newBase: number) => newBase > base && position <= newBase;

  try {
    for (;;) {
      if (sink.isClosed) return 'left';
      if (page !== null) {
        if (isOver(page.base)) return 'cut';
        const whole = wholeFrames(page.bytes);
        if (whole === 0 && page.bytes.length > 0) pageBytes *= 2;
        if (whole > 0) {
          pageBytes = PAGE_BYTES;
          const hasRoom = give(page.bytes.subarray(0, whole));
          // The reader may wait at the end of the log for hours. Only the event id is kept, so that the page can be freed.
          last = id();
          page.bytes = NOTHING;
          if (!hasRoom) await sink.drained();
        }
        isAtEnd = position === page.length;
        if (isAtEnd) {
          if (!isRunning(page.status)) return 'done';
          if (sink.isClosed) return 'left';
          streams.follow(streamId, { userId: page.userId, base: page.base, position, id: id() });
        }
        page = null;
      }
      leave ??= streams.get(streamId) ? streams.enter(streamId) : null;
      const local = streams.get(streamId);
      if (local && isOver(local.base)) return 'cut';
      const batches = local?.live.from(id() ?? position);
      if (!local || !batches) {
        if (local && isAtEnd && turnsAhead < MAX_TURNS_AHEAD) {
          // The reader has read bytes from the store that the live log of this process does not have yet, but will have soon.
          turnsAhead += 1;
          streams.catchUp(streamId);
          await delay(AHEAD_MS);
          continue;
        }
        turnsAhead = 0;
        const read = await readPatiently({
          store,
          streamId,
          from: id() ?? position,
          maxBytes: pageBytes,
          patienceMs,
          sink,
        });
        if (typeof read === 'string' || !read.onLog) return 'cut';
        page = read;
        continue;
      }
      turnsAhead = 0;
      if (!batches.every(give)) {
        await sink.drained();
        continue;
      }
      if (local.live.isDone) return 'done';
      const why = await wait(local.live, give, sink);
      if (why === 'full') await sink.drained();
      else if (why !== 'closed') return why;
    }
  } finally {
    leave?.();
  }
}

const NOTHING = Buffer.alloc(0);

/** Delay between two checks whether this process has caught up with a reader that is ahead of it. */
const AHEAD_MS = 10;
/** After this many checks, the reader reads from the store again. */
const MAX_TURNS_AHEAD = 50;

/** Waits at the end of the live log until the reader can take no more, is cut or leaves, or until the log ends. */
function wait(
  live: LiveLog,
  give: (frames: Buffer) => boolean,
  sink: Sink,
): Promise<'full' | 'done' | 'cut' | 'closed'> {
  return new Promise((resolve) => {
    const end = (why: 'full' | 'done' | 'cut' | 'closed') => {
      sink.onClose(null);
      resolve(why);
    };
    const reader: LiveReader = {
      deliver(frames) {
        if (give(frames)) return true;
        end('full');
        return false;
      },
      release: end,
    };
    sink.onClose(() => {
      live.leave(reader);
      end('closed');
    });
    live.join(reader);
  });
}

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
      await delay(RETRY_MS);
    }
  }
}
