import type { WireFacts } from './failures/outcome.ts';

/** Server-sent events that the AI SDK can read; empty if there are none. */
export type Events = string | Uint8Array;

/** Converts the frames of one response in one protocol. A new reader is made for each response. */
export interface FrameReader {
  /**
   * Takes one JSON document of the response and returns the server-sent events that the AI SDK reads instead. The result is
   * often an empty text, because the reader may keep the words until {@link FrameReader.flush}. Fields that the SDK does not
   * need are left out, and fields that it would refuse are repaired.
   *
   * @param json the text of the document, as the server wrote it
   */
  take(value: unknown, event: string | undefined, json?: string): string;
  /** Takes the text of an event that is not JSON. It is not part of the answer, but it may report a failure. */
  takeText(text: string): void;
  /**
   * Takes the frames at the beginning of a piece of the body without parsing them. Stops at the first frame that differs from an
   * earlier frame in more than its words and the values that the reader ignores. Returns the number of bytes taken. The piece must
   * begin where an event begins.
   */
  takeRepeated(piece: Uint8Array): number;
  /** There is no more input. Takes the frames that the reader has held back. */
  close(): void;
  /** Returns what was read but not returned yet. Called when there is no more input for the moment. */
  flush(): Events;
  /** The text after a tool call that was held back with it. For a response that failed, so that its words are kept. */
  heldText(): string;
  /** The last events of a successful response, with its tool calls. */
  end(reason: 'stop' | 'length' | 'tool-calls'): string;
  /** The last reason to finish (`finish_reason`); `null` if there was none, or if content without a reason came after it. */
  readonly reason: string | null;
  /**
   * True if content came after a reason. Servers that put a reason on every frame do this. A reason from such a server does not prove
   * that the answer is complete.
   */
  readonly isStamped: boolean;
  /** The last reason came in one frame with content. */
  readonly isReasonWithContent: boolean;
  readonly words: boolean;
  readonly thoughts: boolean;
  readonly toolCalls: number;
  /** See {@link WireFacts.cutCall}. */
  readonly cutCall: WireFacts['cutCall'];
  /** See {@link WireFacts.isUnclear}. */
  readonly isUnclear: boolean;
  /** The document in which the server reports a failure; undefined if there was none. */
  readonly error: unknown;
  /** The document in which the server reports what may be a failure, if the answer has not gone on since; otherwise undefined. */
  readonly doubt: unknown;
  /** The response was one document that holds the whole answer. `isJson`: it did not come in a server-sent event. */
  isDocument(isJson: boolean): boolean;
  readonly isOverLimit: boolean;
  /** At least one document had the form of this protocol. */
  readonly isKnown: boolean;
}

export const sse = (json: string): string => `data: ${json}\n\n`;

export function joined(first: Events, second: Events): Events {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  if (typeof first === 'string' && typeof second === 'string') return first + second;
  return Buffer.concat([Buffer.from(first), Buffer.from(second)]);
}

/** Remembers {@link FrameReader.reason} and {@link FrameReader.isStamped}. */
export function createReasonKeeper() {
  let reason: string | null = null;
  let isStamped = false;
  let isWithContent = false;
  return {
    note(given: string | null, hasContent: boolean): void {
      if (hasContent && reason !== null) isStamped = true;
      if (given === null && !hasContent) return;
      reason = given;
      isWithContent = hasContent;
    },
    get reason() {
      return reason;
    },
    get isStamped() {
      return isStamped;
    },
    get isWithContent() {
      return isWithContent;
    },
  };
}
