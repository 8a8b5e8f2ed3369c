import { createParser } from 'eventsource-parser';
import { createJsonItems } from './json-items.ts';
import { isErrorEvent, isStopEvent } from '../failures/error-frame.ts';
import { isRecord, parseFrame } from './json.ts';

export interface BodySink {
  /**
   * One JSON document: a frame of the stream, or the whole answer. `event`: the name of the server-sent event that contains the
   * document. `json`: the text of the document, if it was the whole data of an event or a whole line of the data.
   */
  value(value: unknown, event: string | undefined, json?: string): void;
  /** The text of an event that is not JSON, such as `ping`. */
  text(text: string): void;
  /** `[DONE]`, the end mark of OpenAI's protocol. */
  done(): void;
  /** A frame that looks like JSON or markup and cannot be parsed. */
  broken(): void;
}

export interface BodyReader {
  feed(bytes: Uint8Array): void;
  /** The body has ended. Passes on a last frame that has no line end. */
  end(): void;
  /** `unknown`: only white space has come so far. */
  readonly kind: 'unknown' | 'events' | 'json' | 'markup';
  /** True if the body so far is known to end with a whole event. */
  readonly isBetweenEvents: boolean;
  /** A line, a frame or a document is larger than any that a model server sends. */
  readonly isOverLimit: boolean;
  /** The body ended in the middle of a frame, whether or not the connection was closed cleanly. */
  readonly isTorn: boolean;
  /** The body ended inside of a frame. False if only the end of a list of frames is missing. */
  readonly isFrameTorn: boolean;
  /** The body has comments, which only server-sent events have. */
  readonly sawComment: boolean;
}

/** The names of the fields of server-sent events. The last line of a cut body may be only the beginning of a name. */
const FIELDS = ['data', 'event', 'id', 'retry'];
/** The end mark `[DONE]`, in all spellings that servers use. */
const LAST_WORD = /^\s*(?:"\s*)?(?:\[\s*)?done\s*(?:\]\s*)?(?:"\s*)?$/i;
const AFTER_EMPTY_LINE = /\n\r?\n"?done"?\s*(\n|$)/i;
/**
 * A line that begins with a misspelt `data:`: in capitals, after a space or a byte order mark, or with a space before the
 * colon. The pattern also finds the second `data:` of a line `data: data: {…}`.
 */
const ODD_DATA = /^[\s\ufeff\0]*data[ \t]*:/i;
/** llama.cpp writes an error in a line that begins with `error:`. */
const ODD_ERROR = /^[\s\ufeff\0]*error[ \t]*:/i;
const ERROR_TEXT = /^[[<]?error\b/i;
/**
 * The beginning of a frame that cannot be read: JSON, a list of JSON, an object that was written as `[object Object]`, or HTML. A word
 * in brackets, such as `[PING]` or `</s>`, is not a frame.
 */
const BROKEN_FRAME =
  /^(\{|\[\s*[[{"']|\[object |<(!doctype|!--|\?xml|\/?(html|head|body|title|meta|script|style|center|div|span|table|h\d|hr|p|pre|a|br)\b))/i;
/** The end mark among other documents of one event. */
const LAST = Symbol('the end mark');
/** Events that may end the answer. */
const END_EVENT = /^(.*[._-])?(done|message|end|finish(ed)?|stop|close|completed?|completion|chunk|delta|data)$/i;
const RECENT_CHARS = 16;
const LINE_FEED = 10;
const RETURN = 13;
const MAX_EVENT_CHARS = 8 * 1024 * 1024;
const MAX_DOCUMENT_CHARS = 32 * 1024 * 1024;

/** Looks at one piece only: an empty line that is spread over two pieces is not recognized. */
function endsWithEmptyLine(bytes: Uint8Array): boolean {
  if (bytes.at(-1) !== LINE_FEED) return false;
  return bytes.at(-2) === LINE_FEED || (bytes.at(-2) === RETURN && bytes.at(-3) === LINE_FEED);
}

/** The document of an event that reports a failure. Its data should be a record. */
function errorOf(value: unknown): unknown {
  const inner = typeof value === 'string' ? (parseFrame(value) ?? value) : value;
  return isRecord(inner) ? inner : { message: inner };
}

/**
 * Reads the body of a response. The content type is ignored, because some servers declare an event stream as JSON, or JSON as
 * an event stream. A gateway may send a login page instead. The first character decides: `{` and `[` begin JSON (one document,
 * or several), `<` begins an HTML page, and anything else begins server-sent events.
 */
export function createBodyReader(sink: BodySink): BodyReader {
  const decoder = new TextDecoder(); // drops a byte order mark
  let kind: BodyReader['kind'] = 'unknown';
  let isOverLimit = false;
  let isTorn = false;
  let isEnding = false;
  let sawComment = false;
  let isBetweenEvents = false;
  /** The end of what was read before, and the piece that is being read. */
  let recent = '';
  const items = createJsonItems({ item: takeJson, broken });
  /** Reads lines of JSON between the events. Some servers write an error there, in one line or in several. */
  const bare = createJsonItems({ item: takeJson, broken });

  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent({ data, event }) {
      if (bare.isOpen) dropBare();
      takeData(data, event);
    },
    onComment: () => void (sawComment = true),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') isOverLimit = true;
      else if (error.type === 'unknown-field') takeOddLine(error.line ?? '');
    },
  });

  /** Takes a line that is not a field of server-sent events. */
  function takeOddLine(line: string): void {
    if (isEnding && FIELDS.some((field) => field.startsWith(line))) isTorn = true;
    else if (bare.isOpen || /^[\s\u001e]*(\{|\[\s*\{)/.test(line)) {
      bare.feed(`${line}\n`);
      if (bare.pendingChars > MAX_EVENT_CHARS) isOverLimit = true;
    } else if (LAST_WORD.test(line)) {
      // Without brackets, the line may belong to a text whose line ends were not escaped.
      if (line.includes('[') || AFTER_EMPTY_LINE.test(recent)) sink.done();
    } else if (ODD_DATA.test(line)) takeData(line.replace(ODD_DATA, ''), undefined);
    else if (ODD_ERROR.test(line)) takeData(line.replace(ODD_ERROR, ''), 'error');
    else if (line.trim() !== '') sink.text(line);
  }

  /** Takes the end mark. In an event such as `search` or `reasoning`, it is not the end of the answer. */
  function lastWord(text: string, event: string | undefined): void {
    if (isErrorEvent(event) || isStopEvent(event)) sink.value({}, event);
    else if (event !== undefined && !END_EVENT.test(event)) sink.text(text);
    else sink.done();
  }

  /** Drops an unfinished JSON document in front of an event. */
  function dropBare(): void {
    broken();
    bare.reset();
  }

  function takeData(data: string, event: string | undefined): void {
    const text = data.trim();
    if (text === '') return isErrorEvent(event) || isStopEvent(event) ? sink.value({}, event) : undefined;
    if (!text.startsWith('{')) {
      if (LAST_WORD.test(text)) return lastWord(text, event);
      if (ODD_DATA.test(text)) return takeData(text.replace(ODD_DATA, ''), event);
    }
    const value = parseFrame(text);
    if (value !== undefined) {
      if (isStopEvent(event) && !isErrorEvent(event) && !isRecord(value)) return sink.value({}, event);
      return sink.value(isErrorEvent(event) ? errorOf(value) : value, event, text);
    }
    // If a server leaves out the empty lines between events, the parser passes on all events as one event with many lines.
    if (text.includes('\n')) return text.split('\n').forEach((line) => takeData(line, event));
    // Text that looks like JSON or markup was meant to be a frame. Text such as "ping" only shows that the server is alive.
    if (isErrorEvent(event)) sink.value({ message: text }, event);
    else if (isStopEvent(event)) sink.value({}, event);
    else if (ERROR_TEXT.test(text)) sink.value({ error: text }, event);
    else if (text.startsWith('{') && takeSeveral(text, event)) return;
    else if (BROKEN_FRAME.test(text)) broken();
    else sink.text(text);
  }

  /** Takes several documents in one event. Returns false if the text is anything else. */
  function takeSeveral(text: string, event: string | undefined): boolean {
    const values: unknown[] = [];
    let isWhole = true;
    const several = createJsonItems({
      item: (item) => void values.push(LAST_WORD.test(item) ? LAST : parseFrame(item)),
      broken: () => void (isWhole = false),
    });
    several.feed(text);
    if (!isWhole || several.isOpen || values.includes(undefined)) return false;
    for (const value of values) {
      if (value === LAST) lastWord('[DONE]', event);
      else sink.value(value, event);
    }
    return true;
  }

  /** An incomplete frame at the very end was cut off, and is not the server's mistake. */
  function broken(): void {
    if (isEnding) isTorn = true;
    else sink.broken();
  }

  function takeJson(text: string): void {
    if (LAST_WORD.test(text)) return sink.done();
    const value = parseFrame(text);
    if (value === undefined) broken();
    else sink.value(value, undefined);
  }

  function takeText(text: string): void {
    if (kind === 'unknown') {
      const at = text.search(/[^\s\ufeff\u001e\0]/);
      if (at === -1) return;
      const first = text[at]!;
      kind = first === '{' || first === '[' ? 'json' : first === '<' ? 'markup' : 'events';
      text = text.slice(at);
    }
    if (kind === 'events' && !isOverLimit) {
      recent += text;
      parser.feed(text);
      recent = recent.slice(-RECENT_CHARS);
    }
    if (kind === 'json' && !isOverLimit) {
      items.feed(text);
      if (items.pendingChars > MAX_DOCUMENT_CHARS) isOverLimit = true;
    }
  }

  return {
    feed(bytes) {
      takeText(decoder.decode(bytes, { stream: true }));
      isBetweenEvents = kind === 'events' && endsWithEmptyLine(bytes) && !bare.isOpen;
    },
    end() {
      takeText(decoder.decode());
      isEnding = true;
      if (kind === 'events' && !isOverLimit) parser.feed('\n\n');
      if (items.isOpen || bare.isOpen) isTorn = true;
    },
    get kind() {
      return kind;
    },
    get isBetweenEvents() {
      return isBetweenEvents;
    },
    get isOverLimit() {
      return isOverLimit;
    },
    get isTorn() {
      return isTorn;
    },
    get isFrameTorn() {
      const isBetweenItems = items.isOpen && items.pendingChars === 0;
      return isTorn && !isBetweenItems;
    },
    get sawComment() {
      return sawComment;
    },
  };
}
