/** Finds the JSON documents in a growing text. Text around the documents is skipped. */
export interface JsonItems {
  feed(text: string): void;
  /** Forgets a document that has not ended. */
  reset(): void;
  /** Number of characters of a document that has not ended yet. */
  readonly pendingChars: number;
  /** A document, or a list of documents, has begun and has not ended. */
  readonly isOpen: boolean;
}

const QUOTE = 34;
const BACKSLASH = 92;
const LINE_FEED = 10;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_RECORD = 123;
const CLOSE_RECORD = 125;

/**
 * Servers that stream JSON send one document, one document per line, or a list whose items come one by one:
 *
 *     {"choices":[…]}          {"done":false}⏎{"done":true}          [{"candidates":[…]},⏎{"candidates":[…]}]
 *
 * Each document, or item of the outermost list, is passed on as soon as its last bracket has come. In valid JSON, a string does
 * not contain a line end. So a line end in a string means that a byte was lost, and reading starts again after the line end.
 */
export function createJsonItems(sink: { item(text: string): void; broken(): void }): JsonItems {
  let pending = '';
  /** The position in `pending` of the character that is being read. */
  let at = 0;
  let depth = 0;
  /** The bracket depth at which documents begin: 1 if they are the items of a list, otherwise 0. Unknown before the first bracket. */
  let base: 0 | 1 | undefined;
  let start = 0;
  let inText = false;
  let isEscaped = false;

  function restart(): void {
    sink.broken();
    inText = isEscaped = false;
    depth = base ?? 0;
    start = at + 1;
  }

  function close(): void {
    depth -= 1;
    if (depth < 0) return restart();
    if (base === 1 && depth === 0) base = undefined;
    else if (depth === base) {
      sink.item(pending.slice(start, at + 1));
      start = at + 1;
    }
  }

  function open(isList: boolean): void {
    base ??= isList && depth === 0 ? 1 : 0;
    if (depth === base) start = at;
    depth += 1;
  }

  function step(code: number): void {
    if (inText) {
      if (code === LINE_FEED) restart();
      else if (isEscaped) isEscaped = false;
      else if (code === BACKSLASH) isEscaped = true;
      else if (code === QUOTE) inText = false;
      return;
    }
    if (code === QUOTE) inText = depth > 0;
    else if (code === OPEN_LIST || code === OPEN_RECORD) open(code === OPEN_LIST);
    else if (code === CLOSE_LIST || code === CLOSE_RECORD) close();
  }

  return {
    feed(text) {
      const before = pending.length;
      pending += text;
      // Characters are read from `text`. Reading them from `pending` would copy the whole of `pending` for each piece of text.
      for (let i = 0; i < text.length; i += 1) {
        at = before + i;
        step(text.charCodeAt(i));
      }
      const isWithin = base !== undefined && depth > base;
      pending = isWithin ? pending.slice(start) : '';
      start = 0;
    },
    reset() {
      pending = '';
      at = depth = start = 0;
      base = undefined;
      inText = isEscaped = false;
    },
    get pendingChars() {
      return pending.length;
    },
    get isOpen() {
      return depth > 0;
    },
  };
}
