import type { Hash } from 'node:crypto';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { encodeFrames } from '../log/encode-frames.ts';
import { READER_WORK } from '../log/gathering.ts';
import type { BatchSource, GroupCommit } from './group-commit.ts';
import { KEEP_BYTES, type LiveLog } from '../log/live-log.ts';

/** Limit for joined deltas, so that a frame does not grow without bound while an append is in flight. */
const MAX_JOINED_CHARS = 16 * 1024;
/**
 * Limit for one append. Frames that were made together are not split, so an append of them may be larger. Bytes that were gathered
 * while Redis was away are sent in several appends.
 */
const MAX_APPEND_BYTES = 256 * 1024;
/** The model is not read while more bytes than this are not stored yet. */
const MAX_UNSTORED_BYTES = 1024 * 1024;

export interface LogWriterOptions {
  streamId: string;
  epoch: string;
  /** The live log, which serves the readers. This writer adds its frames at the end of the live log. */
  live: LiveLog;
  /** SHA-256 of the log before this writer's first frame. */
  hash: Hash;
  commit: GroupCommit;
  /** Called with each chunk once it has a place in the log. Adjacent deltas of one part may have been joined into one chunk. */
  onFramed(chunk: Chunk): void;
  /** Called if another process owns the stream now, or if the stream was sealed or deleted. */
  onFenced(): void;
  /** Called if Redis has lost more of the log than is kept here, or all of it. `unframed`: see {@link LogWriter.stop}. */
  onLost(unframed: Chunk[]): void;
}

/**
 * PROTOCOL.md 6.1: writes a stream's log in one epoch. Chunks are gathered, and adjacent deltas of one part joined, until the
 * previous append is acknowledged. Then they are framed and sent as the next append. The bytes of a frame never change. Readers see
 * chunks once they are stored.
 *
 * While Redis does not answer (memory mode, PROTOCOL.md 10.1), readers see chunks before they are stored. The chunks are stored when Redis
 * is back.
 */
export interface LogWriter {
  readonly streamId: string;
  readonly epoch: string;
  /** Redis has acknowledged the log up to here. */
  readonly stored: number;
  /** The log is framed up to here. */
  readonly end: number;
  readonly memoryMode: boolean;
  /** False: too much is not stored yet, so the caller should wait for {@link room} before it writes more. */
  write(chunk: Chunk): boolean;
  readonly isFull: boolean;
  /** Resolves when there is room again, or when this writer has ended. */
  room(): Promise<void>;
  /** Resolves when everything that was written is stored, or when this writer has ended. */
  settled(): Promise<void>;
  /**
   * Says that nothing more will be written, and resolves like `settled`. In memory mode no further append is sent, and the promise
   * resolves as soon as no append is in flight. The call that closes the stream must then store the {@link unstored} bytes: a full
   * Redis refuses appends, but accepts the closing call.
   */
  finished(): Promise<void>;
  /** The framed bytes after `stored`; `null` if they are not kept any more. */
  unstored(): Buffer[] | null;
  /** Frames the gathered chunks, without waiting until the append in flight is acknowledged. */
  frame(): void;
  /** SHA-256 of the log up to `end`. */
  hash(): Hash;
  /** Goes on at `length`, the log's length in Redis: more than `stored` if a reply was lost, less if Redis has lost bytes. */
  resync(length: number): void;
  /** Ends this writer: nothing more is written or shown. Returns the chunks that have no place in the log yet. */
  stop(): Chunk[];
  readonly source: BatchSource;
}

export function createLogWriter(options: LogWriterOptions): LogWriter {
  const { streamId, epoch, live, hash, commit } = options;
  let pending: Chunk[] = [];
  let pendingChars = 0;
  let pendingChunks = 0;
  let pendingSince = 0;
  let framed = 0;
  let work = 0;
  let stored = live.end;
  /** Number of bytes that are framed but not stored. Kept in a variable, because every written chunk needs the number. */
  let unstored = 0;
  /** Frames that are not hashed yet. They are hashed after they are shown, so that readers do not wait for the hash. */
  let unhashed: Buffer[] = [];
  let isInFlight = false;
  let memoryMode = false;
  let hasStopped = false;
  let isFinishing = false;
  let waiters: { done(): boolean; resolve(): void }[] = [];

  const isFull = () => unstored + pendingChars > MAX_UNSTORED_BYTES;
  const isSettled = () => pending.length === 0 && stored === live.end;
  const isFinished = () => isSettled() || (memoryMode && !isInFlight && pending.length === 0);

  function wake(): void {
    if (waiters.length === 0) return;
    const woken = waiters.filter((waiter) => hasStopped || waiter.done());
    waiters = waiters.filter((waiter) => !woken.includes(waiter));
    for (const waiter of woken) waiter.resolve();
  }

  const until = (done: () => boolean): Promise<void> =>
    hasStopped || done() ? Promise.resolve() : new Promise((resolve) => void waiters.push({ done, resolve }));

  /** Gives the pending chunks their place in the log. From here on, their bytes never change. */
  function freeze(): void {
    if (pending.length === 0) return;
    const chunks = pending;
    const bytes = encodeFrames({ data: chunks.map((chunk) => JSON.stringify(chunk)), epoch, start: live.end });
    framed += chunks.length;
    work += pendingChunks * (1 + live.waiting * READER_WORK);
    pending = [];
    pendingChars = 0;
    pendingChunks = 0;
    pendingSince = 0;
    unhashed.push(bytes);
    live.push(bytes);
    unstored = live.end - stored;
    for (const chunk of chunks) options.onFramed(chunk);
  }

  function catchUpHash(): Hash {
    for (const bytes of unhashed) hash.update(bytes);
    unhashed = [];
    return hash;
  }

  function acknowledge(position: number): void {
    stored = position;
    unstored = live.end - stored;
    live.show(position);
    catchUpHash();
    if (live.end - live.start > KEEP_BYTES) live.trim(stored, Date.now());
    if (stored === live.end) memoryMode = false;
    if (pending.length > 0 || stored < live.end) commit.schedule(source);
    wake();
  }

  function resync(length: number): void {
    if (length > live.end) return end(options.onFenced);
    if (length < stored && live.unshownFrom(length, 1) === null) return end(options.onLost);
    acknowledge(length);
  }

  function end(tell: (unframed: Chunk[]) => void): void {
    tell(stop());
  }

  function stop(): Chunk[] {
    const unframed = pending;
    hasStopped = true;
    pending = [];
    pendingChars = 0;
    pendingChunks = 0;
    pendingSince = 0;
    wake();
    return unframed;
  }

  const source: BatchSource = {
    get pendingSince() {
      return pendingSince;
    },
    takeFramed() {
      const count = framed;
      framed = 0;
      return count;
    },

    takeWork() {
      const count = work;
      work = 0;
      return count;
    },

    next() {
      if (hasStopped) return null;
      if (memoryMode) {
        freeze();
        live.show(live.end);
      }
      if (isInFlight) return null;
      if (stored === live.end) freeze();
      if (stored === live.end) return null;
      if (isFinishing && memoryMode) {
        wake();
        return null;
      }
      const batches = live.unshownFrom(stored, MAX_APPEND_BYTES);
      if (batches === null) {
        end(options.onLost);
        return null;
      }
      isInFlight = true;
      return { streamId, epoch, position: stored, bytes: batches.length === 1 ? batches[0]! : Buffer.concat(batches) };
    },

    settle(result) {
      isInFlight = false;
      if (hasStopped) return;
      switch (result.what) {
        case 'appended':
          return acknowledge(result.length);
        case 'elsewhere':
          return resync(result.length);
        case 'fenced':
          return end(options.onFenced);
        case 'gone':
          return end(options.onLost);
      }
    },

    enterMemoryMode() {
      if (hasStopped || memoryMode) return;
      memoryMode = true;
      commit.schedule(source);
    },

    failed() {
      isInFlight = false;
      source.enterMemoryMode();
    },
  };

  return {
    streamId,
    epoch,
    get stored() {
      return stored;
    },
    get end() {
      return live.end;
    },
    get memoryMode() {
      return memoryMode;
    },
    get isFull() {
      return isFull();
    },
    room: () => until(() => !isFull()),
    settled: () => until(isSettled),
    finished() {
      isFinishing = true;
      return until(isFinished);
    },
    unstored: () => (stored === live.end ? [] : live.unshownFrom(stored, Number.POSITIVE_INFINITY)),
    frame: () => freeze(),
    hash: () => catchUpHash().copy(),
    stop,
    source,
    resync(length) {
      if (!hasStopped) resync(length);
    },

    write(chunk) {
      if (hasStopped) return true;
      const last = pending.at(-1);
      if (last === undefined) pendingSince = performance.now();
      if (last !== undefined && isJoinable(last, chunk)) {
        last.delta = (last.delta as string) + (chunk.delta as string);
      } else {
        pending.push(isDelta(chunk) ? { ...chunk } : chunk);
      }
      pendingChunks += 1;
      pendingChars += typeof chunk.delta === 'string' ? chunk.delta.length : 256;
      if (!isInFlight || memoryMode) commit.schedule(source);
      return !isFull();
    },
  };
}

const isDelta = (chunk: Chunk): boolean => chunk.type === 'text-delta' || chunk.type === 'reasoning-delta';

/** True if both chunks are text or reasoning deltas of one part, have no metadata, and `last` is shorter than {@link MAX_JOINED_CHARS}. */
const isJoinable = (last: Chunk, next: Chunk): boolean =>
  last.type === next.type &&
  isDelta(next) &&
  last.id === next.id &&
  (last.delta as string).length < MAX_JOINED_CHARS &&
  !('providerMetadata' in next) &&
  !('providerMetadata' in last);
