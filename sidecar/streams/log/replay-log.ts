import { createHash, type Hash } from 'node:crypto';
import type { EventId } from '../../../shared/stream/event-id.ts';
import { createFold, type MessageFold } from '../../../shared/stream/fold.ts';
import type { Page, StreamStore } from '../../store/streams/stream-store.ts';
import { chunksIn, lastEventIdOf, wholeFrames } from './read-frames.ts';

/**
 * Bytes per read. If a frame does not fit, it is read again with twice this size. With this size, Redis's reply (the page and a
 * few other fields) fits into one read of a socket (64 KB). A larger reply would arrive in pieces, and joining them takes twice
 * the memory.
 */
export const PAGE_BYTES = 60 * 1024;

export interface ReplayedLog {
  /** The message that was read. If the answer was restarted, the earlier attempts are left out, unless `fromStart` is set. */
  fold: MessageFold;
  /** True if a frame could not be read. `fold` then holds the message up to that frame, so that the stream can still be ended. */
  isBroken: boolean;
  /** SHA-256 of the log from byte 0. */
  hash: Hash;
  /** The position up to which the log was read: its length, or `until`. */
  position: number;
  lastEventId: EventId | null;
  page: Omit<Page, 'bytes'>;
}

export interface ReplayOptions {
  store: Pick<StreamStore, 'read'>;
  streamId: string;
  messageId: string;
  /** Read no further than this position. Default: to the end. */
  until?: number;
  /**
   * Also folds attempts that were given up. Needed for the message as a reader at `until` sees it: that reader may still show an
   * attempt that was given up later. Each attempt begins with a `start` chunk, which empties the folded message, so the message
   * contains only the last attempt before `until`.
   */
  fromStart?: boolean;
  onFrames?: (frames: Buffer, position: number) => void;
}

/** Reads a log from its beginning and folds its chunks into a message. `null` if the log is gone, or no frame ends at `until`. */
export async function replayLog({
  store,
  streamId,
  messageId,
  until,
  fromStart = false,
  onFrames,
}: ReplayOptions): Promise<ReplayedLog | null> {
  const fold = createFold(messageId);
  const hash = createHash('sha256');
  let position = 0;
  let lastEventId: EventId | null = null;
  let pageBytes = PAGE_BYTES;
  let isBroken = false;

  function take(frames: Buffer): void {
    try {
      for (const chunk of chunksIn(frames)) fold.take(chunk);
    } catch {
      isBroken = true;
    }
  }

  for (;;) {
    const page = await store.read(streamId, position, Math.min(pageBytes, (until ?? Infinity) - position));
    if (page === 'gone' || page === 'deleted') return null;
    const { bytes, ...rest } = page;
    const frames = bytes.subarray(0, wholeFrames(bytes));
    if (frames.length > 0) {
      hash.update(frames);
      // Everything before the base belongs to attempts that were given up.
      const base = fromStart ? 0 : page.base;
      const inAttempt = frames.subarray(Math.max(0, base - position));
      if (!isBroken) take(inAttempt);
      onFrames?.(frames, position);
      position += frames.length;
      lastEventId = lastEventIdOf(frames);
    }
    if (position === (until ?? page.length)) return { fold, isBroken, hash, position, lastEventId, page: rest };
    if (bytes.length === 0) return null;
    // No frame ends at `until`: the log was lost, and its owner has written it again with other frames.
    if (frames.length === 0 && until !== undefined && position + bytes.length >= until) return null;
    if (frames.length === 0) pageBytes *= 2;
  }
}
