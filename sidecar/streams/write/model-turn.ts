import type { Chunk, MessageFold } from '../../../shared/stream/fold.ts';
import type { Waiting } from '../../../shared/stream/stream.ts';
import { unfold } from '../../../shared/stream/unfold.ts';
import type { Model, SignOfLife } from '../../models/model.ts';
import { nextEpoch } from '../../store/streams/epoch.ts';
import type { StreamFacts } from '../../store/streams/stream-store.ts';
import { estimateTokens, type Telemetry } from '../../telemetry/telemetry.ts';
import type { StateRequest } from '../log/state-copy.ts';
import { callModel } from './call-model.ts';
import { createContinuation } from './continuation.ts';
import type { OwnedLog } from './owned-log.ts';
import { createPatience, type OutOfPatience, type PatienceSettings } from './patience.ts';
import { retryUntilAnswered } from './retry-until-answered.ts';
import { turnMs } from './turn-time.ts';
import { createThoughtClock } from './thought-clock.ts';

export type CallEnd = 'finished' | OutOfPatience | 'too-long' | 'stopped';

/** Readers are told of a silence that lasts longer than this. */
const TELL_WAIT_AFTER_MS = 5000;

/** `first`: the answer is empty so far. `continue`: the message so far is continued. `restart`: the answer begins again. */
export type Attempt = 'first' | 'continue' | 'restart';

export interface ModelTurnOptions {
  streamId: string;
  facts: StreamFacts;
  /** Reads what the model gets: messages of the conversation, and instructions. Called once for each model call. */
  readRequest(): Promise<StateRequest>;
  model: Model;
  fold: MessageFold;
  owned: OwnedLog;
  telemetry: Pick<Telemetry, 'firstToken'>;
  patience: PatienceSettings;
  isStopped(): boolean;
}

/**
 * Asks the model for one answer and writes the chunks of the answer to the log. If the model stalls, or begins another answer instead
 * of continuing the partial answer, {@link ModelTurn.ask} may be called again.
 */
export interface ModelTurn {
  /**
   * Calls the model once and resolves when that call is over.
   *
   * @throws ModelError when the provider failed
   */
  ask(attempt: Attempt): Promise<CallEnd>;
  end(why: Exclude<CallEnd, 'finished'>): void;
  /** Ends the call if it takes too long, and tells readers of a wait. Meant to be called every second. */
  tick(): void;
  /** The process was suspended for this long. The time does not count as silence of the model. */
  slept(ms: number): void;
  /** When the model last sent a chunk, was called, or was read again after a pause, in milliseconds since 1970. */
  readonly lastChunkAt: number;
  /** The model's `finish` chunk; `null` before it has arrived. */
  readonly finish: Chunk | null;
  /** When this process got the model's first token, by `performance.now()`; `null` before that. */
  readonly spokeAt: number | null;
  /** Output tokens of all calls. For a call without a count by the provider, they are estimated from the text of the call. */
  writtenTokens(): number;
}

export function createModelTurn(options: ModelTurnOptions): ModelTurn {
  const { streamId, facts, readRequest, model, fold, owned, telemetry, isStopped } = options;
  const patience = createPatience(options.patience, turnMs);
  const thoughts = createThoughtClock(
    () => fold.open,
    () => performance.now(),
  );
  let call: AbortController | null = null;
  let calls = 0;
  let callEnd: CallEnd = 'finished';
  let finish: Chunk | null = null;
  let askedAt = 0;
  let spokeAt: number | null = null;
  /** The text of the current call, in characters. */
  let textLength = 0;
  /** The output tokens of the calls before the current one. */
  let earlierTokens = 0;
  /** When the model last sent a chunk, was called, or was read again after a pause. The clock is {@link turnMs}. */
  let lastChunk = turnMs();
  /** `lastChunk` by `Date.now()`. Kept, because a second conversion of the same time may differ by a millisecond. */
  let dated = { chunk: lastChunk, wallMs: Date.now() };
  /** When the model last sent a word; `null` if it has sent none since the patience was last told. */
  let lastWord: number | null = null;
  /** The reason of the wait that readers were last told of; `null` if there was none, or if the model has written since. */
  let toldWait: Waiting['reason'] | null = null;
  /** Set while the message is written again because a text turned out to be a thought. */
  let relabelling: Promise<void> | null = null;

  /**
   * Takes a chunk of the model. Of a `start`, only the metadata is written, because the log has its own `start`. A `finish` is kept,
   * and written with the end of the stream.
   */
  function take(chunk: Chunk): boolean {
    lastChunk = turnMs();
    if (isWord(chunk)) {
      lastWord = lastChunk;
      toldWait = null;
      if (spokeAt === null) heardFirstWord();
    }
    switch (chunk.type) {
      case 'text-delta':
        if (typeof chunk.delta === 'string') textLength += chunk.delta.length;
        return owned.write(chunk);
      case 'reasoning-delta':
        return owned.write(chunk);
      case 'text-was-thought':
        relabelling = relabel(String(chunk.id)).finally(() => (relabelling = null));
        return false;
      case 'finish':
        finish = chunk;
        return owned.hasRoom();
      case 'start':
        if (chunk.messageMetadata === undefined) return owned.hasRoom();
        return owned.write({ type: 'message-metadata', messageMetadata: chunk.messageMetadata });
      default:
        return owned.write(thoughts.timed(chunk));
    }
  }

  function heardFirstWord(): void {
    spokeAt = performance.now();
    const ms = spokeAt - askedAt;
    // Counted after the token was sent, because counting takes longer than sending.
    setTimeout(() => telemetry.firstToken({ streamId, modelId: facts.modelId }, ms), 0);
  }

  /** Tells the patience of the last chunk and the last word. Not called for every chunk, because that would cost a busy sidecar 5 %. */
  function tellPatience(): void {
    patience.sign(lastChunk);
    if (lastWord !== null) patience.word(lastWord);
    lastWord = null;
  }

  async function room(): Promise<void> {
    tellPatience();
    // While too many bytes wait to be stored, or the message is written again, this process does not read the model. So the model's
    // silence does not count.
    patience.setPaused(true);
    await (relabelling ?? owned.room());
    patience.setPaused(false);
    lastChunk = turnMs();
  }

  /** Writes the message again with this text as a thought. There is no other way to change text that readers have seen. */
  async function relabel(id: string): Promise<void> {
    await owned.frame();
    const index = fold.message.parts.indexOf(
      fold.open.find((part) => part.kind === 'text' && part.id === id)?.part ?? NO_PART,
    );
    if (index === -1) return;
    const message = structuredClone(fold.message);
    const { inStep } = fold;
    message.parts[index] = { ...message.parts[index]!, type: 'reasoning', state: 'done' };
    if (!(await owned.rebase())) return;
    const [, ...chunks] = unfold(message, { inStep });
    for (const chunk of chunks) owned.write(chunk);
    if (message.metadata != null) owned.write({ type: 'message-metadata', messageMetadata: message.metadata });
  }

  /** Called for signs of life of the provider while no token arrives. */
  function onSign(sign: SignOfLife): void {
    patience.sign(turnMs());
    if (sign.kind === 'retry') tellWait(sign.reason, 0, sign.ms);
  }

  function tellWait(reason: Waiting['reason'], sinceMs: number, untilMs?: number): void {
    if (toldWait === reason && untilMs === undefined) return;
    toldWait = reason;
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const data: Waiting = { reason, since: at(-sinceMs), ...(untilMs === undefined ? {} : { until: at(untilMs) }) };
    owned.write({ type: 'data-waiting', data, transient: true });
  }

  function end(why: CallEnd): void {
    if (call === null || call.signal.aborted) return;
    callEnd = why;
    call.abort();
  }

  /** Output tokens of the current call. They are estimated if the call was ended early, because then the provider gives no count. */
  const callTokens = (): number =>
    typeof finish?.outputTokens === 'number' ? finish.outputTokens : estimateTokens(textLength);

  const hasFinished = (): boolean => finish !== null;

  async function ask(attempt: Attempt): Promise<CallEnd> {
    call = new AbortController();
    if (isStopped()) return 'stopped';
    callEnd = 'finished';
    earlierTokens += callTokens();
    textLength = 0;
    finish = null;
    lastChunk = turnMs();
    lastWord = null;
    askedAt = performance.now();
    patience.asked({ isRepeat: calls > 0 });
    calls += 1;
    const { signal } = call;
    // If Redis is away, this line waits. The wait counts as silence of the model, so the timeouts for a silent model apply.
    const request = await retryUntilAnswered(readRequest, () => isStopped() || signal.aborted);
    if (request === null) return isStopped() ? 'stopped' : callEnd;
    if (attempt !== 'continue') {
      await callModel({ model, request: { ...request, onSign }, signal, take, room, hasFinished });
      return callEnd;
    }
    await owned.frame();
    const partial = structuredClone(fold.message);
    const continuation = createContinuation({
      fold,
      epoch: nextEpoch(owned.epoch),
      repeats: model.continuation === 'repeats',
    });
    for (const chunk of continuation.opening) owned.write(chunk);
    const goOn = (chunk: Chunk) =>
      continuation.map(chunk).reduce((goesOn, mapped) => take(mapped) && goesOn, owned.hasRoom());
    await callModel({ model, request: { ...request, partial, onSign }, signal, take: goOn, room, hasFinished });
    return callEnd;
  }

  return {
    ask,
    end,
    slept(ms) {
      tellPatience();
      patience.slept(ms);
    },
    tick() {
      if (call === null || call.signal.aborted) return;
      // While a lost log is written again, this process may have stopped reading the model. So the model's silence does not count.
      if (owned.isRewriting) return patience.sign(turnMs());
      tellPatience();
      const verdict = patience.tick();
      if (verdict !== null) end(verdict);
      else if (patience.wordlessMs > TELL_WAIT_AFTER_MS) {
        tellWait(patience.hasSpoken ? 'next-word' : 'first-word', patience.wordlessMs);
      }
    },
    get lastChunkAt() {
      if (dated.chunk !== lastChunk) dated = { chunk: lastChunk, wallMs: Date.now() - (turnMs() - lastChunk) };
      return dated.wallMs;
    },
    get finish() {
      return finish;
    },
    get spokeAt() {
      return spokeAt;
    },
    writtenTokens: () => earlierTokens + callTokens(),
  };
}

/** True if the model writes text, reasons, or calls a tool. */
function isWord({ type }: Chunk): boolean {
  return type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-input-start';
}

const NO_PART = { type: '' };
