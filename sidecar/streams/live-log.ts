import { formatEventId, type EventId } from '../../shared/event-id.ts';
import { lastEventIdOf } from './read-frames.ts';

/**
 * The end of a stream's log in this process' memory, and the readers who stand at it. Its bytes come in batches of
 * whole frames, each batch one Buffer, made once and written to every reader as it is.
 *
 *     start          shown        end
 *       │ kept, shown  │ not yet    │
 *       ▼              ▼            ▼
 *     ──┴──────────────┴────────────┘
 *
 * What is below `start` is in the store only: a reader there reads pages until it is at the tail.
 */
export interface LiveLog {
  /** The first position that is kept here. */
  readonly start: number;
  /** Up to here readers may see it. */
  readonly shown: number;
  /** Up to here it is kept here. */
  readonly end: number;
  /** The event id at `shown`, which proves that place; `null` at 0. */
  readonly lastEventId: EventId | null;
  /** `[DONE]` is the last frame that was shown. */
  readonly isDone: boolean;
  /** Readers that stand at `shown` and wait. */
  readonly waiting: number;

  /** Adds whole frames at `end`, not yet shown. */
  push(bytes: Buffer): void;
  /** Shows everything up to `position`, which is the end of a batch. */
  show(position: number): void;
  /** Everything up to `shown` is the whole log: readers are done. */
  finish(): void;
  /** Sends every waiting reader away to come back by itself. */
  cut(): void;
  /** Drops what is beyond `position`. Readers that have seen more are cut. */
  truncate(position: number): void;
  /** Begins anew at a place of another log, as at creation: every waiting reader is cut. */
  restart(at: number, id: EventId | null): void;
  /** Drops shown bytes that nobody is owed any more: all below `stored` but the newest, within bounds of size and age. */
  trim(stored: number, now: number): void;

  /**
   * The batches from a place to `shown`; `null` where they are no longer, or not yet, all here, or the event id is not
   * on this log: what was shown may have been taken back since it was read, and other bytes stand in its place. A bare
   * position is for who has read nothing yet.
   */
  from(place: EventId | number): Buffer[] | null;
  /** The bytes from `position` to `end`, shown or not; `null` likewise. */
  unshownFrom(position: number, maxBytes: number): Buffer[] | null;
  join(reader: LiveReader): void;
  leave(reader: LiveReader): void;
}

/** A reader that stands at the end. It is called in its turn for each batch, and never awaited. */
export interface LiveReader {
  /** Takes the next bytes; false when it can take no more for now: it is then no longer waiting here. */
  deliver(bytes: Buffer): boolean;
  /** There is nothing more to wait for here: the log is done, or the reader has to come back. */
  release(why: 'done' | 'cut'): void;
}

interface KeptBatch {
  end: number;
  bytes: Buffer;
  at: number;
}

/** Bounds of what is kept although it is stored: enough to write again what a failover loses. */
export const KEEP_BYTES = 256 * 1024;
const KEEP_MS = 10_000;

/** `id`: the event id at `at`; `null` where that is 0. */
export function createLiveLog(at: number, id: EventId | null): LiveLog {
  let batches: KeptBatch[] = [];
  let start = at;
  let shown = at;
  let end = at;
  let isDone = false;
  let startId = id;
  const readers = new Set<LiveReader>();

  /** The index of the first batch that ends after `position`. Most who ask stand near the end. */
  function indexAfter(position: number): number {
    let i = batches.length;
    while (i > 0 && batches[i - 1]!.end > position) i -= 1;
    return i;
  }

  function release(why: 'done' | 'cut'): void {
    const leaving = [...readers];
    readers.clear();
    for (const reader of leaving) reader.release(why);
  }

  /** The bytes between two positions, cutting a batch where one lies inside it. */
  function slice(from: number, to: number): Buffer[] | null {
    if (from < start || from > to) return null;
    const found: Buffer[] = [];
    for (let i = indexAfter(from); i < batches.length; i++) {
      const { end: batchEnd, bytes } = batches[i]!;
      const batchStart = batchEnd - bytes.length;
      if (batchStart >= to) break;
      const isWhole = batchStart >= from && batchEnd <= to;
      found.push(
        isWhole ? bytes : bytes.subarray(Math.max(0, from - batchStart), Math.min(bytes.length, to - batchStart)),
      );
    }
    return found;
  }

  /** That event id stands at its position. */
  function proves(id: EventId): boolean {
    if (id.position === start) return id.epoch === startId?.epoch;
    const proof = Buffer.from(`\nid: ${formatEventId(id)}\n\n`);
    const found = id.position > shown ? null : slice(id.position - proof.length, id.position);
    return found !== null && Buffer.concat(found).equals(proof);
  }

  return {
    get start() {
      return start;
    },
    get shown() {
      return shown;
    },
    get end() {
      return end;
    },
    get lastEventId() {
      const last = batches[indexAfter(shown) - 1];
      return last === undefined ? startId : lastEventIdOf(last.bytes);
    },
    get isDone() {
      return isDone;
    },
    get waiting() {
      return readers.size;
    },

    push(bytes) {
      end += bytes.length;
      batches.push({ end, bytes, at: Date.now() });
    },

    show(position) {
      if (position <= shown) return;
      for (let i = indexAfter(shown); i < batches.length && batches[i]!.end <= position; i++) {
        const { bytes } = batches[i]!;
        for (const reader of readers) if (!reader.deliver(bytes)) readers.delete(reader);
      }
      shown = position;
    },

    finish() {
      isDone = true;
      release('done');
    },

    cut: () => release('cut'),

    truncate(position) {
      batches = batches.slice(0, indexAfter(position));
      end = batches.at(-1)?.end ?? start;
      if (shown <= end) return;
      shown = end;
      release('cut');
    },

    restart(position, positionId) {
      batches = [];
      start = shown = end = position;
      startId = positionId;
      isDone = false;
      release('cut');
    },

    trim(stored, now) {
      let drop = 0;
      let kept = Math.min(stored, shown) - start;
      for (const batch of batches) {
        if (batch.end > stored || batch.end > shown) break;
        if (kept <= KEEP_BYTES && batch.at + KEEP_MS > now) break;
        kept -= batch.bytes.length;
        start = batch.end;
        drop += 1;
      }
      if (drop === 0) return;
      startId = lastEventIdOf(batches[drop - 1]!.bytes);
      batches.splice(0, drop);
    },

    from(place) {
      if (typeof place === 'number') return slice(place, shown);
      return proves(place) ? slice(place.position, shown) : null;
    },

    unshownFrom(position, maxBytes) {
      const all = slice(position, end);
      if (!all) return null;
      let size = 0;
      const count = all.findIndex((bytes) => (size += bytes.length) > maxBytes);
      return count === -1 ? all : all.slice(0, Math.max(1, count));
    },

    join: (reader) => void readers.add(reader),
    leave: (reader) => void readers.delete(reader),
  };
}
