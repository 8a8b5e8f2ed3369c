import { formatEventId, type EventId } from '../../../shared/stream/event-id.ts';
import { lastEventIdOf, wholeFrames } from './read-frames.ts';

/**
 * The newest part of a stream's log (the tail), kept in this process's memory, and the readers that wait at the end of the log.
 * Bytes are added in batches of whole frames. Each batch is one Buffer that is made once and written to every reader.
 *
 *     start          shown        end
 *       │ kept, shown  │ not shown  │
 *       ▼              ▼            ▼
 *     ──┴──────────────┴────────────┘
 *
 * Bytes before `start` are only in the store. A reader that needs them reads pages from the store until it reaches the tail.
 */
export interface LiveLog {
  /** The first position that is kept here. */
  readonly start: number;
  /** Readers may see the log up to here. */
  readonly shown: number;
  /** The log is kept up to here. */
  readonly end: number;
  /** The event id of the last shown frame; `null` if `shown` is 0. */
  readonly lastEventId: EventId | null;
  /** True if `[DONE]` was shown. */
  readonly isDone: boolean;
  /** Number of readers that wait at `shown`. */
  readonly waiting: number;

  /** Adds whole frames at `end`. They are not shown yet. */
  push(bytes: Buffer): void;
  /** Shows everything up to `position`, which is the end of a batch. */
  show(position: number): void;
  /** Marks the log as complete at `shown`, and releases all waiting readers with `done`. */
  finish(): void;
  /** Cuts every waiting reader, so that it reconnects. */
  cut(): void;
  /** Drops everything after `position`. Readers that have seen more are cut. */
  truncate(position: number): void;
  /**
   * Drops everything, cuts every waiting reader and begins again at position `at`. Call it when bytes that readers have seen may
   * have been replaced by others. `id`: the event id at `at`; `null` if `at` is 0.
   */
  restart(at: number, id: EventId | null): void;
  /** Drops shown bytes that the store has (those before `stored`). The newest `KEEP_BYTES` of them stay for up to `KEEP_MS`. */
  trim(stored: number, now: number): void;

  /**
   * The bytes from `place` to `shown`. `place` is the last event id of the reader, or a position if the reader has no event id
   * yet. `null` if some of the bytes are not kept here, or if this log does not contain the event id. In the second case, the bytes
   * that the reader saw may have been lost and replaced by others.
   */
  from(place: EventId | number): Buffer[] | null;
  /**
   * Bytes from `position` on, shown or not, as Buffers of at most `maxBytes` together. If the first Buffer is larger than `maxBytes`,
   * it is returned alone. `null` if some of the bytes are not kept here.
   */
  unshownFrom(position: number, maxBytes: number): Buffer[] | null;
  join(reader: LiveReader): void;
  leave(reader: LiveReader): void;
}

/** A reader that waits at the end of the log. */
export interface LiveReader {
  /** Takes the bytes of the next batch. Returns false if the reader can take no more for now; the log then removes the reader. */
  deliver(bytes: Buffer): boolean;
  /** The log removes the reader because the log is complete (`done`), or because the reader has to reconnect (`cut`). */
  release(why: 'done' | 'cut'): void;
}

/** The whole frames of one `push`, which are not shown yet. */
interface Batch {
  end: number;
  bytes: Buffer;
}

/**
 * Whole frames that were shown. They are copied next to each other, so that each batch's Buffer can be freed as soon as it is
 * written to the readers. If all these small Buffers were kept, they would survive several garbage collections, which would cost
 * more than all other work here.
 */
interface Slab {
  end: number;
  /** Bytes up to `used` never change. */
  bytes: Buffer;
  used: number;
  /** When its newest bytes were added. */
  at: number;
}

const SLAB_BYTES = 8 * 1024;
/**
 * Shown bytes are kept up to these limits although Redis has them. If a failover of Redis loses some of them, the owner can write
 * them again.
 */
export const KEEP_BYTES = 256 * 1024;
const KEEP_MS = 10_000;

/** `id`: the event id at position `at`; `null` if `at` is 0. */
export function createLiveLog(at: number, id: EventId | null): LiveLog {
  let slabs: Slab[] = [];
  let batches: Batch[] = [];
  let start = at;
  let shown = at;
  let end = at;
  let isDone = false;
  let startId = id;
  const readers = new Set<LiveReader>();

  function release(why: 'done' | 'cut'): void {
    const leaving = [...readers];
    readers.clear();
    for (const reader of leaving) reader.release(why);
  }

  function keep(bytes: Buffer, batchEnd: number, now: number): void {
    let slab = slabs.at(-1);
    if (slab === undefined || slab.bytes.length - slab.used < bytes.length) {
      // A large batch becomes a slab of its own, without copying.
      const isLarge = bytes.length > SLAB_BYTES / 2;
      slab = { end: batchEnd, bytes: isLarge ? bytes : Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0, at: now };
      slabs.push(slab);
    }
    if (slab.bytes !== bytes) slab.bytes.set(bytes, slab.used);
    slab.used += bytes.length;
    slab.end = batchEnd;
    slab.at = now;
  }

  /** The bytes between two positions, oldest first. `null` if some of them are not kept here. */
  function slice(from: number, to: number): Buffer[] | null {
    if (from < start || from > to) return null;
    const found: Buffer[] = [];
    const take = (bytes: Buffer, length: number, pieceEnd: number) => {
      const pieceStart = pieceEnd - length;
      if (pieceEnd <= from || pieceStart >= to) return;
      const [first, last] = [Math.max(0, from - pieceStart), Math.min(length, to - pieceStart)];
      found.push(first === 0 && last === bytes.length ? bytes : bytes.subarray(first, last));
    };
    // Most callers ask for a position near the end, so the search for the first slab goes backwards from the last one.
    let i = from < shown ? slabs.length : 0;
    while (i > 0 && slabs[i - 1]!.end > from) i -= 1;
    if (from < shown) for (; i < slabs.length; i++) take(slabs[i]!.bytes, slabs[i]!.used, slabs[i]!.end);
    if (to > shown) for (const batch of batches) take(batch.bytes, batch.bytes.length, batch.end);
    return found;
  }

  /** True if the shown part of this log has this event id. */
  function proves(id: EventId): boolean {
    if (id.position === start) return id.epoch === startId?.epoch;
    const proof = Buffer.from(`\nid: ${formatEventId(id)}\n\n`);
    const found = id.position > shown ? null : slice(id.position - proof.length, id.position);
    return found !== null && Buffer.concat(found).equals(proof);
  }

  const idAfter = (slab: Slab): EventId | null => lastEventIdOf(slab.bytes.subarray(0, slab.used));

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
      const last = slabs.at(-1);
      return last === undefined ? startId : idAfter(last);
    },
    get isDone() {
      return isDone;
    },
    get waiting() {
      return readers.size;
    },

    push(bytes) {
      end += bytes.length;
      batches.push({ end, bytes });
    },

    show(position) {
      if (position <= shown) return;
      const now = Date.now();
      let count = 0;
      for (; count < batches.length && batches[count]!.end <= position; count++) {
        const { bytes, end: batchEnd } = batches[count]!;
        for (const reader of readers) if (!reader.deliver(bytes)) readers.delete(reader);
        keep(bytes, batchEnd, now);
      }
      if (count === 0) return;
      shown = batches[count - 1]!.end;
      if (count === batches.length) batches = [];
      else batches.splice(0, count);
    },

    finish() {
      isDone = true;
      release('done');
    },

    cut: () => release('cut'),

    truncate(position) {
      batches = batches.filter((batch) => batch.end <= position);
      if (position < shown) {
        slabs = slabs.filter((slab) => slab.end - slab.used < position);
        const last = slabs.at(-1);
        if (last !== undefined && last.end > position) {
          // This slab's Buffer is shortened, so that new bytes go into a new slab. Here they would overwrite the dropped bytes, which
          // may still be on their way to readers.
          last.bytes = last.bytes.subarray(0, wholeFrames(last.bytes.subarray(0, last.used - (last.end - position))));
          last.end -= last.used - last.bytes.length;
          last.used = last.bytes.length;
          if (last.used === 0) slabs.pop();
        }
      }
      const shownNow = Math.min(shown, slabs.at(-1)?.end ?? start);
      end = batches.at(-1)?.end ?? shownNow;
      if (shown === shownNow) return;
      shown = shownNow;
      release('cut');
    },

    restart(position, positionId) {
      slabs = [];
      batches = [];
      start = shown = end = position;
      startId = positionId;
      isDone = false;
      release('cut');
    },

    trim(stored, now) {
      let drop = 0;
      let kept = Math.min(stored, shown) - start;
      for (const slab of slabs) {
        if (slab.end > stored) break;
        if (kept <= KEEP_BYTES && slab.at + KEEP_MS > now) break;
        kept -= slab.used;
        start = slab.end;
        drop += 1;
      }
      if (drop === 0) return;
      startId = idAfter(slabs[drop - 1]!);
      slabs.splice(0, drop);
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
