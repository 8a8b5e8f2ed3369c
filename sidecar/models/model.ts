import type { Chunk } from '../../shared/fold.ts';
import type { Message } from '../../shared/messages.ts';
import type { StreamErrorCode } from '../../shared/stream-errors.ts';

/** What a model is asked. */
export interface ModelRequest {
  /** The conversation as AI SDK UIMessages, ending with what is to be answered. Never holds the partial answer. */
  messages: Message[];
  /** Instructions (a system prompt), or an empty text. */
  instructions: string;
  /** The answer so far, where the model is to go on from it: after its owner was lost, or on a person's "Continue". */
  partial?: Message;
  /** Ends the call; the iterable then ends or throws soon, and the connection to the provider is closed. */
  signal: AbortSignal;
  /** Is told of everything that shows that the call is not dead, though no chunk may come for a long time. */
  onSign?(sign: SignOfLife): void;
}

/**
 * - `alive`: the provider sent something, be it only a comment to keep the connection open;
 * - `retry`: it refused for now, and is asked again in `ms`.
 */
export type SignOfLife =
  { kind: 'alive' } | { kind: 'retry'; reason: 'rate-limited' | 'overloaded' | 'failed'; ms: number };

/**
 * How a model goes on from a partial answer:
 * - `exact`: its first new text is what follows the partial one;
 * - `repeats`: it may say again some of the end of the partial answer, which is trimmed;
 * - `refuses`: it can not, so an answer that lost its owner is written again from the beginning.
 */
export type Continuation = 'exact' | 'repeats' | 'refuses';

export interface Model {
  /** The provider's name: `google`, `openai-compatible`, `demo`, `synthetic`. */
  servedBy: string;
  continuation: Continuation;
  /** How many tokens of conversation it takes, roughly; left out where there is no limit. */
  contextTokens?: number;
  /**
   * One answer as AI SDK UI message chunks: `start-step`, `text-start`, … `finish-step`, `finish`. Without a `finish`
   * it was cut. Errors of the provider are thrown as {@link ModelError}, before or in the middle of a stream. A `start`
   * may come first; it says nothing about the message id. A `text-was-thought` chunk with the id of a text part says
   * that this text was a thought all along, and is over.
   */
  stream(request: ModelRequest): AsyncIterable<Chunk>;
  /**
   * The same answer without a promise for each chunk, from models that emit too often to pay for one. The two are
   * alternatives: whoever finds this here may use it in place of {@link Model.stream}.
   *
   *     const flow = model.push(request, {
   *       chunk: (chunk) => buffer.add(chunk) < LIMIT, // false: the chunk was taken, send no more
   *       end: () => …,
   *       fail: (error) => …,
   *     });
   *     buffer.onDrain(() => flow.resume());
   *
   * The sink hears nothing before `push` has returned, and at last exactly one `end` or `fail`.
   */
  push?(request: ModelRequest, sink: ChunkSink): Flow;
}

/** Where a model pushes its answer. */
export interface ChunkSink {
  /**
   * Takes one chunk. `false` asks for a pause: that chunk was taken, and nothing else comes (not even the end) until
   * {@link Flow.resume} or until the request is aborted.
   */
  chunk(chunk: Chunk): boolean | void;
  /** The answer is over, or the request was aborted. As with `stream`, it was cut if there was no `finish`. */
  end(): void;
  fail(error: ModelError): void;
}

export interface Flow {
  /** Ends a pause; without one, does nothing. Not to be called from inside `chunk`. */
  resume(): void;
}

/** A model call that failed. The message is for the person who reads the answer; nothing of the prompt is in it. */
export class ModelError extends Error {
  readonly code: StreamErrorCode;
  /** Worth one more try by the recovery policy. */
  readonly retryable: boolean;
  /**
   * The provider would not go on from `partial`, whatever {@link Model.continuation} promised: what may still work is
   * to ask without it, from the beginning.
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
