import { parseJson } from './json.ts';
import { afterSpaces, endOfText, ignoredValuesIn } from './json-places.ts';

/**
 * Reads frames that differ from the frame before only in their words and in {@link ignoredValuesIn ignored values}. Most
 * frames of an answer are like that:
 *
 *     data: {"id":"c1","created":17,"choices":[{"index":0,"delta":{"content":" keeps"},"finish_reason":null}]}
 *     data: {"id":"c2","created":18,"choices":[{"index":0,"delta":{"content":" fish"},"finish_reason":null}]}
 *
 * The bytes of such a frame are compared with those of the frame before. The words of the new frame are passed on as they
 * arrived, in JSON. This costs a fraction of parsing the frame and writing the words as JSON again.
 */
export interface RepeatedFrame {
  /** Remembers a frame. The caller has parsed the frame, and has used nothing of it but the words. */
  learn(json: string): void;
  /**
   * Reads the events at the beginning of a piece. Stops at the first one that differs from the learned frame in more than
   * its words and {@link ignoredValuesIn ignored values}.
   */
  read(piece: Uint8Array): RepeatedWords;
}

export interface RepeatedWords {
  /** The words of each frame as JSON without the quotes, in UTF-8. Joined, they are the inside of one JSON string. */
  words: Uint8Array[];
  /** The number of bytes that were read. */
  end: number;
}

/** A frame, divided into fixed bytes and the values between them. `wordsAt` is the index of the value that holds the words. */
interface Template {
  fixed: Uint8Array[];
  wordsAt: number;
}

const FIELD = '"content":';
const DATA = Buffer.from('data:');
const SPACE = 32;
/** An event ends with an empty line. Lines end with LF or with CRLF. */
const LF_LF = Buffer.from('\n\n');
const CRLF_CRLF = Buffer.from('\r\n\r\n');
/**
 * Learning ends after about this many frames that were learned and not repeated. If every frame differs from the frame before in
 * a field that is not ignored, no frame is ever repeated, and learning costs more than it saves.
 */
const MAX_MISSES = 20;

/** @param wordsIn returns the words of a parsed frame, from the field that the reader of the protocol uses */
export function createRepeatedFrame(wordsIn: (document: unknown) => unknown): RepeatedFrame {
  let template: Template | null = null;
  let misses = 0;

  return {
    learn(json) {
      if (misses > MAX_MISSES) return;
      misses += 1;
      template = null;
      const from = afterSpaces(json, json.indexOf(FIELD) + FIELD.length);
      const to = endOfText(json, from);
      // A frame with line ends in it came in several `data:` lines. `read` expects only one, so such a frame is not learned.
      if (to === -1 || /[\r\n]/.test(json)) return;
      // A frame may have several `content` fields. Replacing the text of the first one shows whether `wordsIn` reads that field.
      if (wordsIn(parseJson(`${json.slice(0, from)}"trial"${json.slice(to)}`)) !== 'trial') return;
      template = templateOf(json, { from, to });
    },
    read(piece) {
      const words: Uint8Array[] = [];
      let end = 0;
      if (template === null) return { words, end };
      while (end < piece.length) {
        const next = readOne(piece, end, template, words);
        if (next === -1) break;
        end = next;
      }
      if (end > 0 && misses > 0) misses -= 1;
      return { words, end };
    },
  };
}

function templateOf(json: string, words: { from: number; to: number }): Template {
  const values = [...ignoredValuesIn(json), words];
  values.sort((a, b) => a.from - b.from);
  const fixed = values.map(({ from }, at) => Buffer.from(json.slice(values[at - 1]?.to ?? 0, from)));
  return { fixed: [...fixed, Buffer.from(json.slice(values.at(-1)!.to))], wordsAt: values.indexOf(words) };
}

/**
 * Adds the words of the event at `start` to `words`. Returns the index after the event; -1 if the event does not match the
 * template.
 */
function readOne(piece: Uint8Array, start: number, { fixed, wordsAt }: Template, words: Uint8Array[]): number {
  if (!hasAt(piece, start, DATA)) return -1;
  let at = start + DATA.length;
  if (piece[at] === SPACE) at += 1;
  let found: Uint8Array | undefined;
  for (let value = 0; ; value += 1) {
    const bytes = fixed[value]!;
    if (!hasAt(piece, at, bytes)) return -1;
    at += bytes.length;
    if (value === fixed.length - 1) break;
    const to = endOfValue(piece, at);
    if (to === -1) return -1;
    if (value === wordsAt) {
      if (piece[at] !== QUOTE) return -1;
      // If these words begin in the middle of a UTF-8 character, they could complete a character that was cut in an earlier frame.
      if ((piece[at + 1]! & 0xc0) === 0x80) return -1;
      found = piece.subarray(at + 1, to - 1);
    }
    at = to;
  }
  const end = hasAt(piece, at, LF_LF) ? at + LF_LF.length : hasAt(piece, at, CRLF_CRLF) ? at + CRLF_CRLF.length : -1;
  if (end !== -1 && found!.length > 0) words.push(found!);
  return end;
}

/** Compares in a loop, because `Buffer.compare` would need a new view of the bytes for each call. */
function hasAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

const QUOTE = 34;
const BACKSLASH = 92;
const LETTER_U = 117;
const ZERO = 48;
/** The characters that may follow a backslash in JSON, except `u`. */
const ESCAPED = new Set(Buffer.from('"\\/bfnrt'));
const HEX = new Set(Buffer.from('0123456789abcdefABCDEF'));

/** The index after the JSON string or whole number that begins at `from`; -1 if none does. */
function endOfValue(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return endOfNumber(bytes, from);
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte < SPACE) return -1;
    if (byte !== BACKSLASH) continue;
    at += 1;
    if (bytes[at] === LETTER_U) {
      for (let digit = 1; digit <= 4; digit += 1) if (!HEX.has(bytes[at + digit]!)) return -1;
      at += 4;
    } else if (!ESCAPED.has(bytes[at]!)) return -1;
  }
  return -1;
}

function endOfNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at]! >= ZERO && bytes[at]! <= ZERO + 9) at += 1;
  const hasLeadingZero = bytes[from] === ZERO && at > from + 1;
  return at === from || hasLeadingZero ? -1 : at;
}
