import type { Chunk } from '../../shared/stream/fold.ts';
import type { Message } from '../../shared/chat/messages.ts';
import type { StreamErrorCode } from '../../shared/stream/stream-errors.ts';

export interface ModelRequest {
  /** The conversation as AI SDK UIMessages, ending with the question. It never contains the partial answer. */
  messages: Message[];
  /** Instructions (a system prompt), or an empty text. */
  instructions: string;
  /**
   * The answer so far, if the model should continue it. This happens if an earlier call was interrupted, or if a person pressed
   * "Continue".
   */
  partial?: Message;
  /** Aborts the call. Soon after that, the answer ends or fails, and the connection to the provider is closed. */
  signal: AbortSignal;
  /** Called for every sign that the call is alive, even if no chunk arrives for a long time. */
  onSign?(sign: SignOfLife): void;
}

/**
 * - `alive`: the provider sent something, perhaps only a comment to keep the connection open;
 * - `retry`: the call failed, and the provider will be asked again in `ms` milliseconds.
 */
export type SignOfLife =
  { kind: 'alive' } | { kind: 'retry'; reason: 'rate-limited' | 'overloaded' | 'failed'; ms: number };

/**
 * How a model continues a partial answer:
 * - `exact`: the new text follows directly after the partial answer;
 * - `repeats`: the model may first repeat some of the end of the partial answer; our code removes the repeated text;
 * - `refuses`: the model cannot continue a partial answer, so an interrupted answer is written again from the beginning.
 */
export type Continuation = 'exact' | 'repeats' | 'refuses';

export interface Model {
  /** The provider's name: `google`, `openai-compatible`, `demo`, `synthetic`. */
  servedBy: string;
  continuation: Continuation;
  /** Approximate size of the model's context in tokens; left out if there is no limit. */
  contextTokens?: number;
  /**
   * One answer as AI SDK UI message chunks: `start-step`, `text-start`, … `finish-step`, `finish`. An answer that ends without
   * a `finish` was cut. Errors of the provider are thrown as {@link ModelError}, before the first chunk or later. A `start` may
   * come first; it does not contain the message id. A `text-was-thought` chunk with the id of a text part means that this text
   * was a thought, which has now ended.
   */
  stream(request: ModelRequest): AsyncIterable<Chunk>;
  /**
   * Like {@link Model.stream}, but passes the chunks to a sink, without a promise per chunk. Only models whose chunks are very
   * frequent have this method. A caller uses either `push` or `stream`.
   *
   *     const flow = model.push(request, {
   *       chunk: (chunk) => buffer.add(chunk) < LIMIT, // false: the chunk was taken, send no more
   *       end: () => …,
   *       fail: (error) => …,
   *     });
   *     buffer.onDrain(() => flow.resume());
   *
   * The model does not call the sink before `push` has returned. At the end it calls either `end` or `fail`, exactly once.
   */
  push?(request: ModelRequest, sink: ChunkSink): Flow;
}

export interface ChunkSink {
  /**
   * Takes one chunk. `false` asks for a pause: the chunk was taken, and nothing else follows (not even the end) until
   * {@link Flow.resume} is called or the request is aborted.
   */
  chunk(chunk: Chunk): boolean | void;
  /** The answer is over, or the request was aborted. An answer without a `finish` was cut, as in {@link Model.stream}. */
  end(): void;
  fail(error: ModelError): void;
}

export interface Flow {
  /** Ends a pause. Does nothing without one. It must not be called inside `chunk`. */
  resume(): void;
}

/** A failed model call. The message is for the person who reads the answer, and contains nothing of the prompt. */
export class ModelError extends Error {
  readonly code: StreamErrorCode;
  /** True if another call may succeed. */
  readonly retryable: boolean;
  /**
   * True if the provider refused to continue the partial answer. This can happen with every value of
   * {@link Model.continuation}. A call without the partial answer may still succeed.
   */
  readonly continuationRefused: boolean;
  constructor(
    message: string,
    options: { code?: StreamErrorCode; retryable: boolean; continuationRefused?: boolean; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'ModelError';
    this.code = options.code ?? 'model_error';
    this.retryable = options.retryable;
    this.continuationRefused = options.continuationRefused ?? false;
  }
}
