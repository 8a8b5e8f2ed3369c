import type { Chunk, MessageFold } from '../../../shared/fold.ts';
import type { Model } from '../../models/model.ts';
import { nextEpoch } from '../../store/streams/epoch.ts';
import type { StreamFacts } from '../../store/streams/stream-store.ts';
import { estimateTokens, type Telemetry } from '../../telemetry/telemetry.ts';
import type { StateRequest } from '../log/state-copy.ts';
import { callModel } from './call-model.ts';
import { createContinuation } from './continuation.ts';
import type { OwnedLog } from './owned-log.ts';

/** How a call to the model came to its end. */
export type CallEnd = 'finished' | 'stalled' | 'too-long' | 'stopped';

/** How an answer begins: empty, going on from the message so far, or that message again from nothing. */
export type Attempt = 'first' | 'continue' | 'restart';

export interface ModelTurnOptions {
  streamId: string;
  facts: StreamFacts;
  request: StateRequest;
  model: Model;
  fold: MessageFold;
  owned: OwnedLog;
  telemetry: Pick<Telemetry, 'firstToken'>;
  /** A model that is silent for longer than this is taken to hang. */
  stallTimeoutMs: number;
  isStopped(): boolean;
}

/** Asks the model for one answer, in one call or, after a stall, in several, and writes what it says into the log. */
export interface ModelTurn {
  /**
   * Calls the model once and resolves when that call is over.
   *
   * @throws ModelError when the provider failed
   */
  ask(attempt: Attempt): Promise<CallEnd>;
  /** Ends the call that is under way. */
  end(why: Exclude<CallEnd, 'finished'>): void;
  /** Ends the call if the model has been silent for too long. Meant to be called every second. */
  checkStall(nowMs: number): void;
  /** When the model was last heard, in milliseconds since 1970. */
  readonly lastChunkAt: number;
  /** The model's last chunk; `null` before it has come. */
  readonly finish: Chunk | null;
  /** When this process heard the model's first word, on the clock of `performance.now()`; `null` before that. */
  readonly spokeAt: number | null;
  /** Output tokens of this process's calls: as counted by the provider, else estimated. */
  writtenTokens(): number;
  /** The attempt begins anew: text that was written before no longer counts. */
  restarted(): void;
}

export function createModelTurn(options: ModelTurnOptions): ModelTurn {
  const { streamId, facts, request, model, fold, owned, telemetry, stallTimeoutMs, isStopped } = options;
  let call: AbortController | null = null;
  let callEnd: CallEnd = 'finished';
  let finish: Chunk | null = null;
  let askedAt = 0;
  let spokeAt: number | null = null;
  let textBefore = fold.textLength;
  let lastChunkAt = Date.now();
  /** The model is not read, because too much waits to be stored: its silence is ours. */
  let isPaused = false;

  /** Takes a chunk of the model's. The log has its own `start`, and the model's `finish` is written with the end. */
  function take(chunk: Chunk): boolean {
    lastChunkAt = Date.now();
    if (spokeAt === null && isWord(chunk)) heardFirstWord();
    switch (chunk.type) {
      case 'finish':
        finish = chunk;
        return owned.hasRoom();
      case 'start':
        if (chunk.messageMetadata === undefined) return owned.hasRoom();
        return owned.write({ type: 'message-metadata', messageMetadata: chunk.messageMetadata });
      default:
        return owned.write(chunk);
    }
  }

  function heardFirstWord(): void {
    spokeAt = performance.now();
    const ms = spokeAt - askedAt;
    // Counted after the word is on its way, because counting takes longer than sending.
    setTimeout(() => telemetry.firstToken({ streamId, modelId: facts.modelId }, ms), 0);
  }

  async function room(): Promise<void> {
    isPaused = true;
    await owned.room();
    isPaused = false;
    lastChunkAt = Date.now();
  }

  function end(why: CallEnd): void {
    if (call === null || call.signal.aborted) return;
    callEnd = why;
    call.abort();
  }

  async function ask(attempt: Attempt): Promise<CallEnd> {
    call = new AbortController();
    if (isStopped()) return 'stopped';
    callEnd = 'finished';
    finish = null;
    lastChunkAt = Date.now();
    askedAt = performance.now();
    const { signal } = call;
    if (attempt !== 'continue') {
      await callModel({ model, request, signal, take, room });
      return callEnd;
    }
    await owned.frame();
    const partial = structuredClone(fold.message);
    const continuation = createContinuation({
      fold,
      epoch: nextEpoch(owned.lease.epoch),
      repeats: model.continuation === 'repeats',
    });
    for (const chunk of continuation.opening) owned.write(chunk);
    const goOn = (chunk: Chunk) =>
      continuation.map(chunk).reduce((goesOn, mapped) => take(mapped) && goesOn, owned.hasRoom());
    await callModel({ model, request: { ...request, partial }, signal, take: goOn, room });
    return callEnd;
  }

  return {
    ask,
    end,
    checkStall(nowMs) {
      if (!isPaused && !owned.isRewriting && nowMs - lastChunkAt > stallTimeoutMs) end('stalled');
    },
    get lastChunkAt() {
      return lastChunkAt;
    },
    get finish() {
      return finish;
    },
    get spokeAt() {
      return spokeAt;
    },
    writtenTokens() {
      const counted = finish?.outputTokens;
      return typeof counted === 'number' ? counted : estimateTokens(Math.max(0, fold.textLength - textBefore));
    },
    restarted() {
      textBefore = 0;
    },
  };
}

/** The model says something, thinks aloud, or calls a tool. */
function isWord({ type }: Chunk): boolean {
  return type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-input-start';
}
