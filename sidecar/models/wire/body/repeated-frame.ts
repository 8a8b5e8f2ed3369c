import { parseJson } from './json.ts';
import { afterSpaces, endOfText, ignoredValuesIn } from './json-places.ts';

/**
 * Almost all frames of a stream are the same but for a few letters of the answer:
 *
 *     data: {"id":"c1","created":17,"choices":[{"index":0,"delta":{"content":" keeps"},"finish_reason":null}]}
 *     data: {"id":"c2","created":18,"choices":[{"index":0,"delta":{"content":" fish"},"finish_reason":null}]}
 *
 * Such a frame means what the one before meant, with other words. So its bytes are compared, and its words are passed on
 * as they are written. That costs a fraction of decoding, parsing and writing it again.
 */
export interface RepeatedFrame {
  /** Remembers a frame that held words and nothing else of use. */
  learn(json: string): void;
  /** Reads the frames at the beginning of a piece that differ from the learned one in nothing but their words. */
  read(piece: Uint8Array): RepeatedWords;
}

export interface RepeatedWords {
  /** The words as they stand in their JSON texts, without the quotes. Together they are the inside of one JSON text. */
  words: Uint8Array[];
  /** Where the first other frame begins. */
  end: number;
}

/** A frame as fixed bytes, with a value between each two of them. One of the values is the words. */
interface Template {
  fixed: Uint8Array[];
  /** Which value the words are. */
  wordsAt: number;
}

const FIELD = '"content":';
const DATA = Buffer.from('data:');
const SPACE = 32;
/** Where an event ends: its lines end with LF or with CRLF. */
const LF_LF = Buffer.from('\n\n');
const CRLF_CRLF = Buffer.from('\r\n\r\n');
/** Frames with other fields that change always differ. Then learning costs more than it saves. */
const MAX_MISSES = 20;

/** @param wordsIn reads the words of a document, as the reader of its protocol does */
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
      // An event of several lines has line ends within its frame.
      if (to === -1 || /[\r\n]/.test(json)) return;
      // Only a trial shows that the text at this place is the one that is read.
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

/** Adds the words of the event at `start` and returns where it ends; -1 if it is another one. */
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
      // The rest of a character that another frame has begun must not become one with it.
      if ((piece[at + 1]! & 0xc0) === 0x80) return -1;
      found = piece.subarray(at + 1, to - 1);
    }
    at = to;
  }
  const end = hasAt(piece, at, LF_LF) ? at + LF_LF.length : hasAt(piece, at, CRLF_CRLF) ? at + CRLF_CRLF.length : -1;
  if (end !== -1 && found!.length > 0) words.push(found!);
  return end;
}

/** A loop, because a native comparison would need a view of these bytes. */
function hasAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

const QUOTE = 34;
const BACKSLASH = 92;
const LETTER_U = 117;
const ZERO = 48;
/** What may follow a backslash in JSON, without `u`. */
const ESCAPED = new Set(Buffer.from('"\\/bfnrt'));
const HEX = new Set(Buffer.from('0123456789abcdefABCDEF'));

/** Where the JSON text, or the whole number, ends that begins here; -1 if there is none. */
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
