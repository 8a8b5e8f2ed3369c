import { sse, type Events } from './protocol.ts';

/**
 * Text and thoughts that were read from a response in OpenAI's protocol, but not returned yet. Words that arrive together become
 * one delta, because each delta costs the SDK time.
 */
export interface PendingWords {
  addText(text: string): void;
  addThought(text: string): void;
  /** Adds text in the form in which a server wrote it: the inside of JSON strings, in UTF-8, with their escapes. */
  addWritten(words: readonly Uint8Array[]): void;
  readonly hasText: boolean;
  /** Returns the events for all pending thoughts and text, thoughts first. */
  flush(): Events;
  /** Does the same as {@link PendingWords.flush}, and returns the events as a string. */
  flushText(): string;
}

const thoughtEvent = (text: string): string =>
  text === '' ? '' : sse(`{"choices":[{"delta":{"reasoning_content":${JSON.stringify(text)}}}]}`);
const textEvent = (literal: string): string => sse(`{"choices":[{"delta":{"content":${literal}}}]}`);
const [BEFORE_TEXT, AFTER_TEXT] = textEvent('"|"')
  .split('|')
  .map((half) => Buffer.from(half)) as [Buffer, Buffer];

export function createPendingWords(): PendingWords {
  let text = '';
  let thought = '';
  /** The text that comes before `text`, as the inside of JSON strings. */
  let written: Uint8Array[] = [];

  function moveText(): void {
    if (text !== '') written.push(Buffer.from(JSON.stringify(text).slice(1, -1)));
    text = '';
  }

  function flush(): Events {
    const thoughts = thoughtEvent(thought);
    thought = '';
    if (written.length === 0) {
      const events = text === '' ? thoughts : thoughts + textEvent(JSON.stringify(text));
      text = '';
      return events;
    }
    moveText();
    const event = eventOf(written);
    written = [];
    return thoughts === '' ? event : Buffer.concat([Buffer.from(thoughts), event]);
  }

  return {
    addText(given) {
      text += given;
    },
    addThought(given) {
      thought += given;
    },
    addWritten(words) {
      moveText();
      for (const word of words) written.push(word);
    },
    get hasText() {
      return text !== '' || written.length > 0;
    },
    flush,
    flushText() {
      const events = flush();
      return typeof events === 'string' ? events : Buffer.from(events).toString();
    },
  };
}

/** The {@link textEvent} of these parts. `Buffer.concat` would take twice as long for a few small parts. */
function eventOf(parts: readonly Uint8Array[]): Uint8Array {
  let size = BEFORE_TEXT.length + AFTER_TEXT.length;
  for (const part of parts) size += part.length;
  const event = Buffer.allocUnsafe(size);
  event.set(BEFORE_TEXT);
  let at = BEFORE_TEXT.length;
  for (const part of parts) {
    event.set(part, at);
    at += part.length;
  }
  event.set(AFTER_TEXT, at);
  return event;
}
