import { createHash, type Hash } from 'node:crypto';
import type { Chunk, MessageFold } from '../../../shared/stream/fold.ts';
import type { StreamStatus } from '../../../shared/stream/stream.ts';
import { unfold } from '../../../shared/stream/unfold.ts';
import type { Log } from '../../log.ts';
import { nextEpoch } from '../../store/streams/epoch.ts';
import type { StreamFacts, StreamStore } from '../../store/streams/stream-store.ts';
import { encodeFrames } from '../log/encode-frames.ts';
import type { StateCopy, StateNow } from '../log/state-copy.ts';
import type { LocalStream } from '../read/local-stream.ts';
import type { GroupCommit } from './group-commit.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import { retryUntilAnswered } from './retry-until-answered.ts';

/** While a lost log is written again, the model is no longer read once this many chunks wait. */
const MAX_BACKLOG = 4096;

export interface OwnedLogOptions {
  store: StreamStore;
  commit: GroupCommit;
  log: Log;
  local: LocalStream;
  facts: StreamFacts;
  /** The message so far. The owned log adds every chunk that gets a place in the log. */
  fold: MessageFold;
  copy: StateCopy;
  epoch: string;
  /** SHA-256 of the log so far. */
  hash: Hash;
  /** Redis keeps a stream this long after its TTLs were last extended, unless Redis loses data. */
  keptMs: number;
  /** True if the generation was stopped, so no new attempt may begin. */
  isStopped(): boolean;
  /** True if nothing may be written any more. */
  isOver(): boolean;
  /** Called when the log has grown to `end` bytes. */
  onGrown(end: number): void;
  /** Called if another process owns the stream now, or if the stream was sealed or deleted. */
  onFenced(): void;
}

/**
 * The log of a stream as its owner sees it. A {@link LogWriter} appends to the log. A restarted attempt begins in the same log, with
 * {@link OwnedLog.rebase}. If Redis loses the log, the message so far is written to a new log, under a new epoch. In all these
 * cases the caller uses {@link OwnedLog.write} in the same way.
 */
export interface OwnedLog {
  readonly epoch: string;
  /** Redis has acknowledged the log up to here. */
  readonly stored: number;
  /** The length of the log, with the bytes that are not stored yet. */
  readonly end: number;
  readonly memoryMode: boolean;
  /** True while a lost log is written again. */
  readonly isRewriting: boolean;
  /** False when the caller should wait for {@link room} before it writes more. This method may be replaced, so call it as `owned.write`. */
  write(chunk: Chunk): boolean;
  hasRoom(): boolean;
  room(): Promise<void>;
  /** Resolves when everything written so far is stored, or when nothing can be stored any more. */
  settled(): Promise<void>;
  /** Says that nothing more will be written. Resolves like {@link LogWriter.finished}. */
  finished(): Promise<void>;
  /** The bytes between `stored` and `end`; `null` if they are not kept any more. */
  unstored(): Buffer[] | null;
  /** Frames all chunks written so far. After that, the fold has them, too. */
  frame(): Promise<void>;
  hash(): Hash;
  /**
   * Begins a new attempt in the same log. The responses of readers are cut, and the readers begin again at the new base. False if
   * the generation was stopped, so no attempt may begin.
   */
  rebase(): Promise<boolean>;
  /** Called if Redis reports that the stream is gone, or if this process has dropped bytes that Redis still needs. */
  lost(): void;
  /** Called if the close was refused because the log in Redis has the length `length`, not the expected one. */
  resync(length: number): void;
  renewed(): void;
  /** The values for the state copy. `position`: the length of the log in these values. Default: the stored length. */
  state(status: StreamStatus, position?: number): StateNow;
  stop(): void;
}

export function createOwnedLog(options: OwnedLogOptions): OwnedLog {
  const { store, commit, log, local, facts, fold, copy, isStopped, isOver, onFenced } = options;
  const { streamId } = local;
  let { epoch } = options;
  let writer = createWriter(options.hash);
  /**
   * While the log is written again: the chunks that the model sends meanwhile, and a promise for the end of the
   * rewrite.
   */
  let rewriting: { backlog: Chunk[]; done: Promise<void> } | null = null;
  let renewedAt = Date.now();

  function createWriter(hash: Hash): LogWriter {
    return createLogWriter({
      streamId,
      epoch,
      live: local.live,
      hash,
      commit,
      onFramed(chunk) {
        fold.take(chunk);
        options.onGrown(writer.end);
      },
      onFenced,
      onLost: beginRewrite,
    });
  }

  function useWriter(next: LogWriter): void {
    writer = next;
    owned.write = next.write;
  }

  /** Takes a chunk while the log is written again. */
  function writeLater(chunk: Chunk): boolean {
    rewriting?.backlog.push(chunk);
    return hasRoom();
  }

  const state = (status: StreamStatus, position = writer.stored): StateNow => ({
    status,
    epoch,
    position,
    text: fold.text,
    now: new Date().toISOString(),
  });

  const hasRoom = (): boolean => (rewriting ? rewriting.backlog.length < MAX_BACKLOG : !writer.isFull);

  async function settled(isSettled = () => writer.settled()): Promise<void> {
    while (!isOver()) {
      if (rewriting) await rewriting.done;
      await isSettled();
      if (!rewriting) return;
    }
  }

  async function rebase(): Promise<boolean> {
    const chunk: Chunk = { type: 'start', messageId: facts.messageId };
    for (;;) {
      await settled();
      if (isStopped()) return false;
      const position = writer.end;
      const bytes = encodeFrames({ data: [JSON.stringify(chunk)], epoch, start: position });
      const result = await retryUntilAnswered(() => store.rebase({ streamId, epoch, position, bytes }), isStopped);
      if (result === null) return false;
      const replyWasLost = result.what === 'elsewhere' && result.length === position + bytes.length;
      if (result.what === 'appended' || replyWasLost) {
        adoptBase(chunk, bytes, position);
        return !isStopped();
      }
      if (result.what === 'fenced') onFenced();
      else if (result.what === 'gone') lost();
      else writer.resync(result.length);
    }
  }

  function adoptBase(chunk: Chunk, bytes: Buffer, position: number): void {
    const hash = writer.hash().update(bytes);
    writer.stop();
    fold.take(chunk);
    copy.invalidate();
    local.base = position;
    local.live.push(bytes);
    local.live.show(local.live.end);
    local.live.cut();
    useWriter(createWriter(hash));
  }

  function lost(): void {
    if (!rewriting) beginRewrite(writer.stop());
  }

  /** `unframed`: chunks that were written and have no place in any log yet. */
  function beginRewrite(unframed: Chunk[]): void {
    if (rewriting || isOver()) return;
    // If the last renewal is older than `keptMs`, the stream may have been taken over, ended and expired. Then a missing log
    // does not prove a loss.
    if (Date.now() > renewedAt + options.keptMs) return onFenced();
    owned.write = writeLater;
    rewriting = {
      backlog: unframed,
      done: rewrite(unframed).catch((error: unknown) => {
        log.error({ event: 'stream.failed', streamId, error });
        rewriting = null;
        onFenced();
      }),
    };
  }

  /** Redis lost the log, so the message so far is written to a new log, under a new epoch. */
  async function rewrite(backlog: Chunk[]): Promise<void> {
    const lostEpoch = epoch;
    const freshEpoch = nextEpoch(lostEpoch);
    const data = unfold(fold.message, { open: fold.open, inStep: fold.inStep }).map((chunk) => JSON.stringify(chunk));
    const frames = encodeFrames({ data, epoch: freshEpoch, start: 0 });
    const whole = copy.whole({ ...state('active', frames.length), epoch: freshEpoch });
    const isOurs = await retryUntilAnswered(
      async () =>
        (await store.rewrite({ streamId, facts, epoch: freshEpoch, state: whole, frames }, lostEpoch)) ||
        (await store.meta(streamId))?.epoch === freshEpoch,
      isOver,
    );
    local.live.restart(0, null);
    rewriting = null;
    if (!isOurs) return onFenced();
    epoch = freshEpoch;
    log.warn({ event: 'stream.rewritten', streamId });
    local.base = 0;
    local.live.push(frames);
    local.live.show(frames.length);
    useWriter(createWriter(createHash('sha256').update(frames)));
    renewedAt = Date.now();
    for (const chunk of backlog) writer.write(chunk);
  }

  const owned: OwnedLog = {
    get epoch() {
      return epoch;
    },
    get stored() {
      return writer.stored;
    },
    get end() {
      return writer.end;
    },
    get memoryMode() {
      return writer.memoryMode;
    },
    get isRewriting() {
      return rewriting !== null;
    },
    // This is the writer's own method, so that a chunk costs one call less.
    write: writer.write,
    hasRoom,
    room: () => (rewriting ? rewriting.done : writer.room()),
    settled: () => settled(),
    finished: () => settled(() => writer.finished()),
    unstored: () => writer.unstored(),
    async frame() {
      if (rewriting) await rewriting.done;
      writer.frame();
    },
    hash: () => writer.hash(),
    rebase,
    lost,
    resync: (length) => writer.resync(length),
    renewed() {
      renewedAt = Date.now();
    },
    state,
    stop: () => void writer.stop(),
  };
  return owned;
}
