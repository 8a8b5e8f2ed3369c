import type { Hash } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { MessageFold } from '../../../shared/stream/fold.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';
import type { Log } from '../../log.ts';
import { ModelError, type Model } from '../../models/model.ts';
import { nextEpoch } from '../../store/streams/epoch.ts';
import type { CloseResult, StreamFacts, StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { End } from '../end/end-frames.ts';
import type { Settler } from '../end/settle.ts';
import { countEnd, prepareEnd } from '../end/write-end.ts';
import type { StateCopy, StateRequest } from '../log/state-copy.ts';
import type { LocalStream } from '../read/local-stream.ts';
import type { LocalStreams } from '../read/local-streams.ts';
import { completed, NO_FIRST_WORD, STALLED, TOO_LONG, TOO_SLOW } from './call-ends.ts';
import type { GroupCommit } from './group-commit.ts';
import { createHeart, type Heart } from './heart.ts';
import { createModelTurn, type Attempt } from './model-turn.ts';
import { createOwnedLog } from './owned-log.ts';
import type { PatienceSettings } from './patience.ts';
import { retryUntilAnswered } from './retry-until-answered.ts';

/** What to do with a generation whose owner was lost, or whose model hangs. */
export type RecoveryPolicy = 'continue' | 'restart' | 'fail';

export interface GenerationSettings extends PatienceSettings {
  recovery: RecoveryPolicy;
  leaseMs: number;
  /** Maximum length of a log in bytes. */
  streamMaxBytes: number;
  /** Redis keeps a stream this long after its TTLs were last extended, unless Redis loses data. */
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
  /** Reads the messages for the model. */
  readRequest(): Promise<StateRequest>;
  model: Model;
  epoch: string;
  /** The message so far, as the log has it. */
  fold: MessageFold;
  /** SHA-256 of the log so far. */
  hash: Hash;
  copy: StateCopy;
  attempt: Attempt;
  /** True if the model call was complete before the last owner was lost: only the end of the log is missing. */
  isComplete: boolean;
}

/** Why a generation ends in this process although its model has not finished. */
type Stop = 'cancelled' | 'fenced' | 'handover';

/**
 * Writes one stream for as long as this process owns it: calls the model, writes the log, ends the stream. This file is longer
 * than others, because all ways in which a generation stops share its state.
 */
export interface Generation {
  readonly streamId: string;
  readonly facts: StreamFacts;
  readonly epoch: string;
  /** When the model last sent something, in milliseconds since 1970. */
  readonly lastChunkAt: number;
  /** The times of the lease renewals. The heartbeat reads and updates them. */
  readonly heart: Heart;
  /** Before this time, the generation needs no tick. By `performance.now()`. */
  restsUntil: number;
  /** Called each time the stream's lease was renewed. */
  renewed(): void;
  /**
   * Stops the model call. `fenced`: another process owns the stream now, or the stream was sealed or deleted. `cancelled`: this
   * process ends the stream as soon as the end can be stored. `handover`: the stream is given to another process.
   */
  stop(why: Stop): void;
  /** Looks for a hanging model and an old state copy. Meant to be called every second. */
  tick(nowMs: number): void;
  slept(ms: number): void;
  /** Called if the heartbeat did not find the stream in Redis. */
  lost(): void;
  /** True once this process has begun to store the end. From then on, a cancel is refused while Redis is away. */
  readonly isEnding: boolean;
  /** Resolves when this process has nothing more to do with the stream. Never rejects. */
  readonly done: Promise<void>;
}

/** At a handover, this much time is left to store the bytes that are not stored yet. */
const HANDOVER_FLUSH_MS = 1000;
/** Readers see the end once the message is in the conversation, or after this time at the latest. */
const SETTLE_PATIENCE_MS = 1000;

export function createGeneration(deps: GenerationDeps, start: GenerationStart): Generation {
  const { store, streams, commit, settler, telemetry, log, settings } = deps;
  const { local, facts, readRequest, model, fold, copy } = start;
  const { streamId } = local;
  let stopped: Stop | null = null;
  let endingSince: number | null = null;
  /** True if a handover no longer waits for the last bytes to be stored. */
  let hasGivenUp = false;

  const isStopped = (): boolean => stopped !== null;
  const isOver = (): boolean => stopped === 'fenced' || hasGivenUp;

  const owned = createOwnedLog({
    store,
    commit,
    log,
    local,
    facts,
    fold,
    copy,
    epoch: start.epoch,
    hash: start.hash,
    keptMs: settings.keptMs,
    isStopped,
    isOver,
    onGrown(end) {
      if (end > settings.streamMaxBytes) turn.end('too-long');
    },
    onFenced: () => stop('fenced'),
  });
  const turn = createModelTurn({
    streamId,
    facts,
    readRequest,
    model,
    fold,
    owned,
    telemetry,
    patience: settings,
    isStopped,
  });

  function stop(why: Stop): void {
    if (why === 'handover') setTimeout(giveUp, HANDOVER_FLUSH_MS).unref();
    if (stopped === 'fenced' || (stopped !== null && why !== 'fenced')) return;
    stopped = why;
    turn.end('stopped');
    if (why === 'fenced') owned.stop();
  }

  function giveUp(): void {
    hasGivenUp = true;
    owned.stop();
  }

  async function run(): Promise<void> {
    let { attempt } = start;
    let triesLeft = 1;
    if (start.isComplete) return end({ outcome: 'completed', error: null });
    for (;;) {
      if (attempt === 'restart' && !(await owned.rebase())) return leave();
      let ended;
      try {
        ended = await turn.ask(attempt);
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
          return end(completed(turn.finish));
        case 'too-long':
          return end(TOO_LONG);
        case 'no-first-word':
          // A second call would most likely be silent, too, and the person has waited long.
          return end(NO_FIRST_WORD);
        case 'too-slow':
          return end(TOO_SLOW);
        case 'stalled':
        case 'stopped':
          if (triesLeft === 0 || settings.recovery === 'fail') return end(STALLED);
          triesLeft -= 1;
          log.warn({ event: 'stream.stalled', streamId });
          attempt = settings.recovery === 'restart' || model.continuation === 'refuses' ? 'restart' : 'continue';
      }
    }
  }

  function toStreamError(error: unknown): StreamError {
    if (error instanceof ModelError) return { code: error.code, text: error.message };
    log.error({ event: 'stream.failed', streamId, error });
    return { code: 'model_error', text: 'The answer could not be written. You can try again.' };
  }

  /**
   * Stores the end of the log, then shows it to readers. All frames of the end are stored in one call. So a process that takes the
   * stream over never mistakes a part of the end for the whole end.
   */
  async function end(how: End): Promise<void> {
    endingSince = Date.now();
    const endedAt = performance.now();
    for (;;) {
      await owned.finished();
      if (isOver()) return leave();
      const unstored = owned.unstored();
      if (unstored === null) {
        owned.lost();
        continue;
      }
      const { epoch } = owned;
      const position = owned.end;
      const finalEpoch = nextEpoch(epoch);
      const ending = prepareEnd({
        store,
        streamId,
        fold,
        hash: owned.hash(),
        copy,
        epoch,
        finalEpoch,
        position,
        unstored,
        end: how,
      });
      const result = await retryUntilAnswered(ending.write, isOver);
      if (result !== null && isStored(result)) {
        const { outcome, error } = how;
        const settlement = { facts, message: fold.message, outcome, error, logBytes: result.length };
        await Promise.race([settler.settleOrDefer(streamId, settlement), delay(SETTLE_PATIENCE_MS)]);
        local.live.push(ending.frames);
        local.live.show(local.live.end);
        local.live.finish();
        streams.drop(local);
        countEnd({
          telemetry,
          streamId,
          facts,
          end: how,
          hasStarted: true,
          bytes: position + ending.frames.length,
          tokens: turn.writtenTokens(),
          writingMs: turn.spokeAt === null ? null : endedAt - turn.spokeAt,
        });
        return;
      }
      if (isOver()) return leave();
    }
  }

  /** False if the log must be repaired first, or if this process no longer owns the stream. */
  function isStored(result: CloseResult): boolean {
    switch (result.what) {
      case 'closed':
      case 'already':
        return true;
      case 'elsewhere':
        owned.resync(result.length);
        return false;
      case 'gone':
        owned.lost();
        return false;
      case 'fenced':
        stop('fenced');
        return false;
    }
  }

  /** Stops writing: stores a cancel, hands the stream over, or leaves it to its new owner. */
  async function leave(): Promise<void> {
    switch (hasGivenUp && stopped !== 'fenced' ? 'handover' : stopped) {
      case 'cancelled':
        return end({ outcome: 'cancelled', error: null });
      case 'handover':
        return handOver();
      default:
        owned.stop();
        streams.disown(local, owned.stored);
    }
  }

  async function handOver(): Promise<void> {
    await Promise.race([owned.settled(), delay(HANDOVER_FLUSH_MS)]);
    owned.stop();
    if (await store.release({ streamId, epoch: owned.epoch }).catch(() => false)) {
      await store.index([{ streamId, deadline: 0 }]).catch(() => {
        /* recovery finds the stream when its lease would have run out */
      });
      await store.announce({ type: 'released', streamId }).catch(() => {
        /* recovery finds the stream in the index */
      });
    }
    streams.drop(local);
  }

  function tick(nowMs: number): void {
    local.live.trim(owned.stored, nowMs);
    if (endingSince === null) {
      turn.tick();
      if (!owned.isRewriting && !owned.memoryMode && copy.isDue(fold.textLength, nowMs)) checkpoint();
    } else if (nowMs - endingSince > settings.stallTimeoutMs) {
      // Readers wait until the end is stored, but no longer than a model may be silent. After that, their responses are cut, and
      // the readers reconnect to read the end.
      local.live.cut();
    }
  }

  function checkpoint(): void {
    const { length, patches } = copy.patch(owned.state('active'));
    store.checkpoint(streamId, owned.epoch, length, patches).then(
      (written) => {
        if (!written) copy.invalidate();
      },
      () => copy.invalidate(),
    );
  }

  // The start request is answered first: its client need not wait until the model call is set up.
  const done = nextTurn()
    .then(run)
    .catch((error: unknown) => {
      log.error({ event: 'stream.failed', streamId, error });
      owned.stop();
      streams.disown(local, owned.stored);
    });

  return {
    streamId,
    facts,
    get epoch() {
      return owned.epoch;
    },
    get lastChunkAt() {
      return turn.lastChunkAt;
    },
    heart: createHeart(),
    restsUntil: 0,
    renewed: () => owned.renewed(),
    stop,
    tick,
    slept: (ms) => turn.slept(ms),
    lost: () => owned.lost(),
    get isEnding() {
      return endingSince !== null;
    },
    done,
  };
}
