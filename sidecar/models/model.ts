import type { Chunk } from '../../shared/fold.ts';
import type { Message } from '../../shared/messages.ts';

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
}

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
  /**
   * One answer as AI SDK UI message chunks: `start-step`, `text-start`, … `finish-step`, `finish`. Without a `finish`
   * it was cut. Errors of the provider are thrown as {@link ModelError}, before or in the middle of a stream.
   */
  stream(request: ModelRequest): AsyncIterable<Chunk>;
}

/** A model call that failed. The message is for the person who reads the answer; nothing of the prompt is in it. */
export class ModelError extends Error {
  /** Worth one more try by the recovery policy. */
  readonly retryable: boolean;
  constructor(message: string, { retryable, cause }: { retryable: boolean; cause?: unknown }) {
    super(message, { cause });
    this.name = 'ModelError';
    this.retryable = retryable;
  }
}
