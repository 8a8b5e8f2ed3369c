import { parseJson } from './body/json.ts';

/**
 * The text of an answer that comes as a `message` in each frame. Some servers send only what is new (`Salt `, then `keeps`), others
 * send the whole text each time (`Salt `, then `Salt keeps`). A frame that repeats the whole text adds nothing.
 */
export interface MessageGrowth {
  /** Returns what this message adds to the text. After deltas, a message adds only what goes beyond them. */
  take(message: string): string;
  /** The end of the last message, if it was held back because the next message might not have it. */
  rest(): string;
  /** The text grew by a delta. */
  addDelta(text: string): void;
  /** The text grew by deltas, in the form in which a server wrote them: the inside of JSON strings, in UTF-8. */
  addWritten(words: readonly Uint8Array[]): void;
}

/** Of a text in deltas, only this many characters at the beginning and deltas at the end are kept, to compare a message with them. */
const HEAD_CHARS = 40;
const TAIL_DELTAS = 8;
/** An end that the next message may not have: a cursor, or half of a character. */
const UNFINISHED = ['▌', '█', '\ufffd'];

export function createMessageGrowth(): MessageGrowth {
  /** The text so far, as the server has it. After a delta, only the beginning of the text. */
  let text = '';
  /** The length of the text in deltas; 0 if there were none. */
  let deltaChars = 0;
  let deltas = 0;
  /** The last deltas. The number `n` of all deltas is at `n % TAIL_DELTAS`. */
  const tail: (string | Uint8Array)[] = [];
  /** A message has contained the text of the messages before it. */
  let isWhole = false;
  let heldEnd = '';

  function addedBy(message: string): string {
    if (message.startsWith(text)) {
      isWhole ||= text !== '' && message.length > text.length;
      return message.slice(text.length);
    }
    // A server may change the end of its text, for example white space, or half of a character.
    return isWhole ? message.slice(commonLength(text, message)) : message;
  }

  /** The part of a message after the text in deltas; empty if the message does not repeat that text. */
  function afterDeltas(message: string): string {
    if (message.length <= deltaChars || !message.startsWith(text)) return '';
    const from = Math.max(0, deltas - TAIL_DELTAS);
    const end = Array.from({ length: deltas - from }, (_, at) => textOf(tail[(from + at) % TAIL_DELTAS]!)).join('');
    return message.slice(0, deltaChars).endsWith(end) ? message.slice(deltaChars) : '';
  }

  function keep(delta: string | Uint8Array): void {
    tail[deltas % TAIL_DELTAS] = delta;
    deltas += 1;
  }

  function addDelta(delta: string): void {
    if (delta === '') return;
    keep(delta);
    if (deltaChars === 0) deltaChars = text.length;
    if (text.length < HEAD_CHARS && text.length === deltaChars) text += delta;
    deltaChars += delta.length;
  }

  return {
    take(message) {
      if (message === '') return '';
      if (deltaChars > 0) {
        const added = afterDeltas(message);
        addDelta(added);
        return added;
      }
      // A message that does not begin with the text so far continues it, and with it the end that was held back.
      if (heldEnd !== '' && !message.startsWith(text)) message = heldEnd + message;
      heldEnd = UNFINISHED.find((end) => message.endsWith(end)) ?? '';
      message = message.slice(0, message.length - heldEnd.length);
      const added = addedBy(message);
      text = isWhole ? message : text + added;
      return added;
    },
    rest() {
      const rest = heldEnd;
      heldEnd = '';
      text += rest;
      return rest;
    },
    addDelta,
    addWritten(words) {
      for (const word of words) {
        keep(word);
        deltaChars += charsIn(word);
      }
    },
  };
}

function commonLength(first: string, second: string): number {
  let at = 0;
  while (at < first.length && first[at] === second[at]) at += 1;
  return at;
}

const textOf = (delta: string | Uint8Array): string =>
  typeof delta === 'string' ? delta : String(parseJson(`"${Buffer.from(delta).toString()}"`));

const BACKSLASH = 92;
const LETTER_U = 117;

/** The length of a text, from the inside of its JSON string. */
function charsIn(written: Uint8Array): number {
  let chars = 0;
  for (let at = 0; at < written.length; at += 1) {
    const byte = written[at]!;
    if (byte === BACKSLASH) at += written[at + 1] === LETTER_U ? 5 : 1;
    // The first byte of a character is not of the form 10xxxxxx. A character of four bytes has the length 2.
    if ((byte & 0xc0) !== 0x80) chars += byte >= 0xf0 ? 2 : 1;
  }
  return chars;
}
