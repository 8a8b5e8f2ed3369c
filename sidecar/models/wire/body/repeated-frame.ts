import { parseJson } from './json.ts';

/**
 * Almost all frames of a stream are the same but for a few letters of the answer:
 *
 *     {"id":"c1","choices":[{"index":0,"delta":{"content":" keeps"},"finish_reason":null}]}
 *     {"id":"c1","choices":[{"index":0,"delta":{"content":" fish"},"finish_reason":null}]}
 *
 * Such a frame means what the one before meant, with other words. So it is compared, and only its words are parsed: that
 * costs a fifth of reading the whole document.
 */
export interface RepeatedFrame {
  /** Remembers a frame that held these words and nothing else of use. */
  learn(json: string): void;
  /** The words of a frame that differs from the learned one in nothing else; `undefined` for any other frame. */
  wordsOf(json: string): string | undefined;
}

const FIELD = '"content":';
/** Frames with padding or a running number always differ. Then learning costs more than it saves. */
const MAX_MISSES = 20;

/** @param wordsIn reads the words of a document, as the reader of its protocol does */
export function createRepeatedFrame(wordsIn: (document: unknown) => unknown): RepeatedFrame {
  let before: string | null = null;
  let after = '';
  let misses = 0;

  return {
    learn(json) {
      if (misses > MAX_MISSES) return;
      misses += 1;
      before = null;
      const from = json.indexOf(FIELD) + FIELD.length;
      const to = endOfText(json, from);
      if (to === -1) return;
      const [head, tail] = [json.slice(0, from), json.slice(to)];
      // Only a trial shows that the text at this place is the one that is read.
      if (wordsIn(parseJson(`${head}"trial"${tail}`)) !== 'trial') return;
      [before, after] = [head, tail];
    },
    wordsOf(json) {
      if (before === null || !json.startsWith(before) || !json.endsWith(after)) return undefined;
      const literal = json.slice(before.length, json.length - after.length);
      const words = literal.startsWith('"') ? parseJson(literal) : undefined;
      if (typeof words !== 'string') return undefined;
      if (misses > 0) misses -= 1;
      return words;
    },
  };
}

/** The index after the text of JSON that begins at `from`; -1 if none does. */
function endOfText(json: string, from: number): number {
  if (json[from] !== '"') return -1;
  for (let at = from + 1; at < json.length; at += 1) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') return at + 1;
  }
  return -1;
}
