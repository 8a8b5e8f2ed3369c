import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { unfold, type Chunk, type MessageFold } from '../../../shared/fold.ts';
import type { StreamError } from '../../../shared/stream.ts';
import type { Log } from '../../log.ts';
import { ModelError, type Model } from '../../models/model.ts';
import { nextEpoch } from '../../store/streams/epoch.ts';
import {
  StoreUnavailable,
  type CloseResult,
  type Lease,
  type StreamFacts,
  type StreamStore,
} from '../../store/streams/stream-store.ts';
import { estimateTokens, type Telemetry } from '../../telemetry/telemetry.ts';
import { callModel } from './call-model.ts';
import { createContinuation } from './continuation.ts';
import { encodeFrames } from '../log/encode-frames.ts';
import { endFrames, type End } from '../end/end-frames.ts';
import type { GroupCommit } from './group-commit.ts';
import type { LocalStream, LocalStreams } from '../read/local-streams.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import type { Settler } from '../end/settle.ts';
import type { StateCopy, StateRequest } from '../log/state-copy.ts';

/** What to do with a generation that lost its owner, or whose model hangs. */
export type RecoveryPolicy = 'continue' | 'restart' | 'fail';

export interface GenerationSettings {
  recovery: RecoveryPolicy;
  leaseMs: number;
  /** A model that says nothing for so long hangs. */
  stallTimeoutMs: number;
  /** The longest log. */
  streamMaxBytes: number;
  /** For how long a stream is surely still in Redis after its last renewal, however it ended, unless Redis lost it. */
  keptMs: number;
}

export interface GenerationDeps {
  store: StreamStore;
  streams: LocalStreams;
  commit: GroupCommit;
  settler: Settler;
  telemetry: Telemetry;
  log: Log;
  settings: GenerationSettings;
}

export interface GenerationStart {
  local: LocalStream;
  facts: StreamFacts;
  request: StateRequest;
  model: Model;
  epoch: string;
  /** The message so far, as the log has it. */
  fold: MessageFold;
  /** SHA-256 of the log so far. */
  hash: Hash;
  copy: StateCopy;
  /** How it begins: with an empty answer, going on from `fold`, or `fold` again from nothing. */
  attempt: 'first' | 'continue' | 'restart';
  /** The call was complete before its owner was lost: only the end is missing. */
  isComplete: boolean;
}

/** Why a generation here ends other than by its model. */
type Stop = 'cancelled' | 'fenced' | 'handover';

/** One tenure of one stream: calls the model, writes the log, ends it. It never knows who reads. */
export interface Generation {
  readonly streamId: string;
  readonly facts: StreamFacts;
  readonly lease: Lease;
  /** ISO 8601. */
  readonly lastActivity: string;
  /** Its lease was renewed just now. */
  renewed(): void;
  /** Stops the model call. `fenced`: the stream is another's, or ended. `cancelled`: ends here, once it can be stored. */
  stop(why: Stop): void;
  /** Once a second: hanging models, the state copy. */
  tick(nowMs: number): void;
  /** The heartbeat found nothing in Redis. */
  lost(): void;
  /** Resolves when this process has nothing more to do with it. Never rejects. */
  readonly done: Promise<void>;
}

/** How a call to the model came to its end. */
type CallEnd = 'finished' | 'stalled' | 'too-long' | 'stopped';

const CLOSE_RETRY_MS = 250;
const HANDOVER_FLUSH_MS = 1000;
/** Chunks that wait for a log to be written anew; beyond this many the model is no longer read. */
const MAX_BACKLOG = 4096;
/** Readers see the end once the conversation has it, but do not wait longer than this for that. */
const SETTLE_PATIENCE_MS = 1000;

export function createGeneration(deps: GenerationDeps, start: GenerationStart): Generation {
  const { store, streams, commit, settler, telemetry, log, settings } = deps;
  const { local, facts, request, model, fold, copy } = start;
  const { streamId } = local;
  let { epoch } = start;
  let writer = writerFrom(start.hash);
  /** While the log is written anew: what the model says meanwhile, and when that is over. */
  let rewriting: { backlog: Chunk[]; over: Promise<void> } | null = null;
  let stopped: Stop | null = null;
  let call: AbortController | null = null;
  let callEnd: CallEnd = 'finished';
  let finish: Chunk | null = null;
  let askedAt = 0;
  /** When this process heard the model's first word. */
  let spokeAt: number | null = null;
  /** How long the text was before this process wrote. */
  let textBefore = fold.textLength;
  let lastChunkAt = Date.now();
  let isPaused = false;
  let endingSince: number | null = null;
  let renewedAt = Date.now();
  /** Handed over although its end, or what was shown of it, could not be stored in time. */
  let hasGivenUp = false;

  function writerFrom(hash: Hash): LogWriter {
    return createLogWriter({
      streamId,
      epoch,
      live: local.live,
      hash,
      commit,
      onFramed: framed,
      onFenced: () => stop('fenced'),
      onLost: rewriteFrom,
    });
  }

  /** What is folded is what the log has, many deltas at once. */
  function framed(chunk: Chunk): void {
    fold.take(chunk);
    if (writer.end > settings.streamMaxBytes) endCall('too-long');
  }

  /** False when no more can be taken before there is room. */
  function write(chunk: Chunk): boolean {
    if (!rewriting) return writer.write(chunk);
    rewriting.backlog.push(chunk);
    return hasRoom();
  }

  /** Takes a chunk of the model's. Its `start` is ours already, its `finish` is written with the end. */
  function take(chunk: Chunk): boolean {
    lastChunkAt = Date.now();
    if (spokeAt === null && isWord(chunk)) heardFirstWord();
    switch (chunk.type) {
      case 'finish':
        finish = chunk;
        return hasRoom();
      case 'start':
        if (chunk.messageMetadata === undefined) return hasRoom();
        return write({ type: 'message-metadata', messageMetadata: chunk.messageMetadata });
      default:
        return write(chunk);
    }
  }

  function heardFirstWord(): void {
    spokeAt = performance.now();
    const ms = spokeAt - askedAt;
    // Counted when it is on its way: to count it takes longer than to send it.
    setTimeout(() => telemetry.firstToken({ streamId, modelId: facts.modelId }, ms), 0);
  }

  const writtenTokens = (): number => {
    const counted = finish?.outputTokens;
    return typeof counted === 'number' ? counted : estimateTokens(Math.max(0, fold.textLength - textBefore));
  };

  const hasRoom = (): boolean => (rewriting ? rewriting.backlog.length < MAX_BACKLOG : !writer.isFull);

  async function room(): Promise<void> {
    isPaused = true;
    await (rewriting ? rewriting.over : writer.room());
    isPaused = false;
    lastChunkAt = Date.now();
  }

  function endCall(why: CallEnd): void {
    if (call === null || call.signal.aborted) return;
    callEnd = why;
    call.abort();
  }

  function stop(why: Stop): void {
    if (why === 'handover') setTimeout(giveUp, HANDOVER_FLUSH_MS).unref();
    if (stopped === 'fenced' || (stopped !== null && why !== 'fenced')) return;
    stopped = why;
    endCall('stopped');
    if (why === 'fenced') writer.stop();
  }

  function giveUp(): void {
    hasGivenUp = true;
    writer.stop();
  }

  const isOver = (): boolean => stopped === 'fenced' || hasGivenUp;

  async function ask(attempt: GenerationStart['attempt']): Promise<CallEnd> {
    call = new AbortController();
    if (stopped) return 'stopped';
    callEnd = 'finished';
    finish = null;
    lastChunkAt = Date.now();
    askedAt = performance.now();
    if (attempt !== 'continue') {
      await callModel({ model, request, signal: call.signal, take, room });
      return callEnd;
    }
    if (rewriting) await rewriting.over;
    writer.frame();
    const partial = structuredClone(fold.message);
    const continuation = createContinuation({
      fold,
      epoch: nextEpoch(epoch),
      repeats: model.continuation === 'repeats',
    });
    continuation.opening.forEach(write);
    const goOn = (chunk: Chunk) =>
      continuation.map(chunk).reduce((goesOn, mapped) => take(mapped) && goesOn, hasRoom());
    await callModel({ model, request: { ...request, partial }, signal: call.signal, take: goOn, room });
    return callEnd;
  }

  /** Begins the attempt anew in the same log: readers are cut and begin at the new base. */
  async function rebase(): Promise<boolean> {
    const chunk: Chunk = { type: 'start', messageId: facts.messageId };
    for (;;) {
      await settled();
      if (stopped) return false;
      const position = writer.end;
      const bytes = encodeFrames({ data: [JSON.stringify(chunk)], epoch, start: position });
      const result = await patiently(
        () => store.rebase({ streamId, epoch, position, bytes }),
        () => stopped !== null,
      );
      const wasLate = result?.what === 'elsewhere' && result.length === position + bytes.length;
      if (result?.what === 'appended' || wasLate) {
        adoptBase(chunk, bytes, position);
        return stopped === null;
      }
      if (result === null) return false;
      if (result.what === 'fenced') stop('fenced');
      else if (result.what === 'gone') lose();
      else writer.settle(result);
    }
  }

  function adoptBase(chunk: Chunk, bytes: Buffer, position: number): void {
    const hash = writer.hash().update(bytes);
    writer.stop();
    fold.take(chunk);
    textBefore = 0;
    copy.invalidate();
    local.base = position;
    local.live.push(bytes);
    local.live.show(local.live.end);
    local.live.cut();
    writer = writerFrom(hash);
  }

  /** Everything that was written is stored, also where the log has to be written anew for it. */
  async function settled(): Promise<void> {
    while (!isOver()) {
      if (rewriting) await rewriting.over;
      await writer.settled();
      if (!rewriting) return;
    }
  }

  function lose(): void {
    if (!rewriting) rewriteFrom(writer.stop());
  }

  /** `unframed`: what the model said and no log has yet. */
  function rewriteFrom(unframed: Chunk[]): void {
    if (rewriting || stopped === 'fenced') return;
    // After that it may have been taken over, ended and expired: nothing there is no proof of a loss any more.
    if (Date.now() > renewedAt + settings.keptMs) return stop('fenced');
    const backlog = unframed;
    rewriting = {
      backlog,
      over: rewrite(backlog).catch((error: unknown) => {
        log.error({ event: 'stream.failed', streamId, error });
        rewriting = null;
        stop('fenced');
      }),
    };
  }

  /** Redis lost the log: the message so far is written as a new one, under a new epoch. */
  async function rewrite(backlog: Chunk[]): Promise<void> {
    const freshEpoch = nextEpoch(epoch);
    const data = unfold(fold.message, { open: fold.open, inStep: fold.inStep }).map((chunk) => JSON.stringify(chunk));
    const frames = encodeFrames({ data, epoch: freshEpoch, start: 0 });
    const state = copy.whole({ ...stateNow('active', frames.length), epoch: freshEpoch });
    const fresh = { streamId, facts, epoch: freshEpoch, state, frames };
    const isOurs = await patiently(
      async () => (await store.rewrite(fresh, epoch)) || (await store.meta(streamId))?.epoch === freshEpoch,
      isOver,
    );
    local.live.restart(0, null);
    rewriting = null;
    if (!isOurs) return stop('fenced');
    epoch = freshEpoch;
    log.warn({ event: 'stream.rewritten', streamId });
    local.base = 0;
    local.live.push(frames);
    local.live.show(frames.length);
    writer = writerFrom(createHash('sha256').update(frames));
    renewedAt = Date.now();
    backlog.forEach((chunk) => writer.write(chunk));
  }

  const stateNow = (status: 'active' | End['outcome'], position: number) => ({
    status,
    epoch,
    position,
    text: fold.text,
    now: new Date().toISOString(),
  });

  async function run(): Promise<void> {
    let { attempt } = start;
    let triesLeft = 1;
    if (start.isComplete) return end({ outcome: 'completed', error: null });
    for (;;) {
      if (attempt === 'restart' && !(await rebase())) return leave();
      let ended: CallEnd;
      try {
        ended = await ask(attempt);
      } catch (error) {
        if (stopped) return leave();
        if (error instanceof ModelError && error.continuationRefused && attempt === 'continue') {
          attempt = 'restart';
          continue;
        }
        return end({ outcome: 'error', error: toStreamError(error) });
      }
      if (stopped) return leave();
      switch (ended) {
        case 'finished':
          return end({
            outcome: 'completed',
            error: null,
            finishReason: textOr(finish?.finishReason),
            messageMetadata: finish?.messageMetadata,
          });
        case 'too-long':
          return end({
            outcome: 'error',
            error: { code: 'too_long', text: 'The answer became too long and was ended here.' },
          });
        case 'stalled':
        case 'stopped':
          if (triesLeft === 0 || settings.recovery === 'fail') {
            return end({
              outcome: 'error',
              error: { code: 'stalled', text: 'The model stopped answering. You can try again.' },
            });
          }
          triesLeft -= 1;
          log.warn({ event: 'stream.stalled', streamId });
          attempt = settings.recovery === 'restart' || model.continuation === 'refuses' ? 'restart' : 'continue';
      }
    }
  }

  function toStreamError(error: unknown): StreamError {
    if (error instanceof ModelError) return { code: 'model_error', text: error.message };
    log.error({ event: 'stream.failed', streamId, error });
    return { code: 'model_error', text: 'The answer could not be written. You can try again.' };
  }

  /**
   * Stores the end and shows it. Only then, whatever else is shown before it is stored; and all of it at once, so that
   * who takes over a part that was ended early never finds one that looks whole.
   */
  async function end(how: End): Promise<void> {
    endingSince = Date.now();
    const endedAt = performance.now();
    for (;;) {
      await settled();
      if (isOver()) return leave();
      const position = writer.end;
      const finalEpoch = nextEpoch(epoch);
      const {
        bytes: frames,
        chunks,
        sha256,
      } = endFrames({
        fold,
        end: how,
        epoch: finalEpoch,
        start: position,
        hash: writer.hash(),
      });
      const { outcome, error } = how;
      const state = copy.patch({ ...stateNow(outcome, position + frames.length), epoch: finalEpoch });
      const closed = await patiently(
        () =>
          store.close({
            streamId,
            epoch,
            finalEpoch,
            position,
            frames,
            outcome,
            error,
            sha256,
            lastActivity: new Date().toISOString(),
            state,
          }),
        isOver,
      );
      if (await isClosed(closed)) {
        for (const chunk of chunks) fold.take(chunk);
        if (closed?.what === 'closed' && !closed.isPatched) replaceCopy(outcome, finalEpoch, position + frames.length);
        await settleSoon(how);
        local.live.push(frames);
        local.live.show(local.live.end);
        local.live.finish();
        streams.drop(local);
        telemetry.streamEnded(
          { streamId, modelId: facts.modelId },
          {
            outcome,
            code: error?.code ?? null,
            ms: Date.now() - Date.parse(facts.startTime),
            bytes: position + frames.length,
            tokens: writtenTokens(),
            writingMs: spokeAt === null ? null : endedAt - spokeAt,
          },
        );
        return;
      }
      if (isOver()) return leave();
    }
  }

  /** The copy was not as this process had left it. */
  function replaceCopy(status: End['outcome'], finalEpoch: string, position: number): void {
    const bytes = copy.whole({ ...stateNow(status, position), epoch: finalEpoch });
    store.checkpoint(streamId, finalEpoch, 0, [{ offset: 0, bytes }]).catch(() => {
      /* it is a copy: the log and the meta are right */
    });
  }

  /** False: not yet, the log is being mended; or never, and then it is stopped. */
  async function isClosed(closed: CloseResult | null): Promise<boolean> {
    switch (closed?.what) {
      case 'closed':
      case 'already':
        return true;
      case 'elsewhere':
        writer.settle({ what: 'elsewhere', length: closed.length });
        return false;
      case 'gone':
        lose();
        return false;
      default:
        stop('fenced');
        return false;
    }
  }

  async function settleSoon({ outcome, error }: End): Promise<void> {
    // What fails here is made up for by recovery, which finds the ended stream in the index.
    const settling = settler
      .settle(streamId, { facts, message: fold.message, outcome, error })
      .catch((cause: unknown) =>
        log.warn({ event: 'stream.unsettled', streamId, reason: cause instanceof Error ? cause.message : 'unknown' }),
      );
    await Promise.race([settling, delay(SETTLE_PATIENCE_MS)]);
  }

  /** This process has nothing more to write. */
  async function leave(): Promise<void> {
    switch (hasGivenUp && stopped !== 'fenced' ? 'handover' : stopped) {
      case 'cancelled':
        return end({ outcome: 'cancelled', error: null });
      case 'handover':
        await Promise.race([writer.settled(), delay(HANDOVER_FLUSH_MS)]);
        writer.stop();
        if (await store.release({ streamId, epoch }).catch(() => false)) {
          await store.index([{ streamId, deadline: 0 }]).catch(() => {
            /* found when its lease runs out */
          });
          await store.announce({ type: 'released', streamId }).catch(() => {
            /* found by the next look at the index */
          });
        }
        streams.drop(local);
        return;
      default:
        writer.stop();
        streams.disown(local, writer.stored);
    }
  }

  function tick(nowMs: number): void {
    local.live.trim(writer.stored, nowMs);
    if (endingSince === null && !isPaused && !rewriting && nowMs - lastChunkAt > settings.stallTimeoutMs)
      endCall('stalled');
    // Readers are held for the end as long as a model may be silent, then sent to come back for it.
    if (endingSince !== null && nowMs - endingSince > settings.stallTimeoutMs) local.live.cut();
    if (endingSince === null && !rewriting && !writer.memoryMode && copy.isDue(fold.textLength, nowMs)) checkpoint();
  }

  function checkpoint(): void {
    const { length, patches } = copy.patch(stateNow('active', writer.stored));
    store.checkpoint(streamId, epoch, length, patches).then(
      (written) => {
        if (!written) copy.invalidate();
      },
      () => copy.invalidate(),
    );
  }

  // Who asked for it is answered first: what a call takes to set up need not be waited for.
  const done = nextTurn()
    .then(run)
    .catch((error: unknown) => {
      log.error({ event: 'stream.failed', streamId, error });
      writer.stop();
      streams.disown(local, writer.stored);
    });

  return {
    streamId,
    facts,
    get lease() {
      return { streamId, epoch };
    },
    get lastActivity() {
      return new Date(lastChunkAt).toISOString();
    },
    renewed() {
      renewedAt = Date.now();
    },
    stop,
    tick,
    lost: lose,
    done,
  };
}

/** Says it again until the store answers; `null` when there is no use in it any more. */
async function patiently<T>(say: () => Promise<T>, isOver: () => boolean): Promise<T | null> {
  while (!isOver()) {
    try {
      return await say();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await delay(CLOSE_RETRY_MS);
    }
  }
  return null;
}

/** The model says something, be it a thought or a call of a tool. */
function isWord({ type }: Chunk): boolean {
  return type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-input-start';
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const textOr = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
