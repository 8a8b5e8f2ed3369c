import type { Chunk } from '../../../shared/stream/fold.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import { monotonicUs, type DeadlineTimer } from './deadline-timer.ts';
import { ModelError, type ChunkSink, type Flow, type Model, type ModelRequest } from '../model.ts';
import { pull } from './push.ts';
import { encodeDelta } from './synthetic-delta.ts';
import type { SyntheticParams } from './synthetic-id.ts';

/**
 * The model for tests and measurements. It emits deltas at a given rate. Each delta contains its number and the time when it
 * was emitted ({@link encodeDelta}). A continuation completes the delta in which the partial answer ends, and goes on with the
 * next number.
 */
export function createSyntheticModel(params: SyntheticParams, timer: DeadlineTimer): Model {
  const push = (request: ModelRequest, sink: ChunkSink) => pushSynthetic({ params, timer, request, sink });
  return {
    servedBy: 'synthetic',
    continuation: params.refuse ? 'refuses' : params.repeat > 0 ? 'repeats' : 'exact',
    stream: (request) => pull(push, request),
    push,
  };
}

/** Deltas per turn of the event loop, if they are emitted as fast as they are read. */
const BURST = 256;
const PART_ID = '0';

interface Run {
  params: SyntheticParams;
  timer: DeadlineTimer;
  request: ModelRequest;
  sink: ChunkSink;
}

function pushSynthetic({ params, timer, request: { partial, signal }, sink }: Run): Flow {
  const { chunks, chunkChars, ratePerSecond, holdMs, startDelayMs } = params;
  const said = partial ? messageText(partial) : '';
  const first = Math.ceil(said.length / chunkChars);
  const failAt = occursAfter(first, params.failAt);
  const stallAt = occursAfter(first, params.stallAt);
  const startUs = monotonicUs() + startDelayMs * 1000;

  const opening = [...OPENING, ...resumption(said, params)];
  const closing = [...CLOSING];
  let seq = first;
  let held = holdMs === 0;
  let paused = false;
  let over = false;
  let cancelWait = () => {};

  /** Emits the chunks that are due, and schedules its next run for the other chunks. */
  function pump(): void {
    for (let burst = 0; !paused && !over; burst += 1) {
      const nowUs = monotonicUs();
      if (params.refuse && said !== '') return finish(refusal());
      if (opening.length > 0) give(opening.shift()!);
      else if (seq === failAt) return finish(failure(seq));
      else if (seq === stallAt) return;
      else if (seq < chunks) {
        const dueUs = ratePerSecond > 0 ? startUs + ((seq - first) * 1e6) / ratePerSecond : nowUs;
        if (dueUs > nowUs) return waitUntil(dueUs);
        if (ratePerSecond === 0 && burst >= BURST) return breathe();
        give(textDelta(encodeDelta({ seq, emitUs: nowUs, dueUs }, chunkChars)));
        seq += 1;
      } else if (!held) {
        held = true;
        return waitUntil(nowUs + holdMs * 1000);
      } else if (closing.length > 0) give(closing.shift()!);
      else return finish();
    }
  }

  function give(chunk: Chunk): void {
    if (sink.chunk(chunk) === false) paused = true;
  }

  function waitUntil(dueUs: number): void {
    cancelWait = timer.at(dueUs, pump);
  }

  function breathe(): void {
    const immediate = setImmediate(pump);
    cancelWait = () => clearImmediate(immediate);
  }

  function finish(error?: ModelError): void {
    if (over) return;
    over = true;
    cancelWait();
    signal.removeEventListener('abort', onAbort);
    if (error) sink.fail(error);
    else sink.end();
  }
  const onAbort = () => finish();

  signal.addEventListener('abort', onAbort);
  if (signal.aborted) setImmediate(onAbort);
  else if (startDelayMs > 0) waitUntil(startUs);
  else breathe();

  return {
    resume() {
      if (!paused) return;
      paused = false;
      pump();
    },
  };
}

const OPENING: readonly Chunk[] = [{ type: 'start-step' }, { type: 'text-start', id: PART_ID }];
const CLOSING: readonly Chunk[] = [
  { type: 'text-end', id: PART_ID },
  { type: 'finish-step' },
  { type: 'finish', finishReason: 'stop' },
];

const textDelta = (delta: string): Chunk => ({ type: 'text-delta', id: PART_ID, delta });

/** The first text of a continuation: the repetition that `repeat` asks for, and the rest of the delta in which `said` ends. */
function resumption(said: string, { chunkChars, repeat }: SyntheticParams): Chunk[] {
  const cutAt = said.length % chunkChars;
  const emitUs = monotonicUs();
  const whole = encodeDelta({ seq: Math.floor(said.length / chunkChars), emitUs, dueUs: emitUs }, chunkChars);
  const rest = cutAt === 0 ? '' : whole.slice(cutAt);
  const again = repeat === 0 ? '' : said.slice(-repeat);
  return again + rest === '' ? [] : [textDelta(again + rest)];
}

/** `at`, or `null` if a non-empty partial answer already has that many deltas: a failure or a stall happens once per answer. */
const occursAfter = (first: number, at: number | null): number | null =>
  at !== null && first > 0 && at <= first ? null : at;

const failure = (seq: number) =>
  new ModelError(`The synthetic model was told to fail after ${seq} chunks.`, { retryable: true });
const refusal = () =>
  new ModelError('The synthetic model was told not to go on from a partial answer.', {
    retryable: false,
    continuationRefused: true,
  });
