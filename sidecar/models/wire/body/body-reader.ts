import { createParser } from 'eventsource-parser';
import { createJsonItems } from './json-items.ts';
import { parseFrame } from './json.ts';

/** The format of a body. */
export interface BodySink {
  /** One JSON document: a frame of the stream, or the whole answer. `event`: the name of the event around it. */
  value(value: unknown, event: string | undefined, json?: string): void;
  /** The last word of OpenAI's protocol. */
  done(): void;
  /** A frame that should be JSON and is none. */
  broken(): void;
}

export interface BodyReader {
  feed(bytes: Uint8Array): void;
  /** The body is over: hands on what came without a last line end. */
  end(): void;
  /** `unknown`: nothing but white space so far. */
  readonly kind: 'unknown' | 'events' | 'json' | 'markup';
  /** All that came so far is whole events, and nothing of another one has begun. */
  readonly isBetweenEvents: boolean;
  /** A line, a frame or a document is larger than any that a model server sends. */
  readonly isOverLimit: boolean;
  /** It ended in the middle of a frame, however cleanly the connection was closed. */
  readonly isTorn: boolean;
  /** It has comments, as only server-sent events have. */
  readonly sawComment: boolean;
}

/** The names of what a line of server-sent events holds. The last line may be cut within one. */
const FIELDS = ['data', 'event', 'id', 'retry'];
const LINE_FEED = 10;
const RETURN = 13;
const MAX_EVENT_CHARS = 8 * 1024 * 1024;
const MAX_DOCUMENT_CHARS = 32 * 1024 * 1024;

/** Only for the bytes of one piece: an end that is spread over two of them counts as none. */
function endsWithEmptyLine(bytes: Uint8Array): boolean {
  if (bytes.at(-1) !== LINE_FEED) return false;
  return bytes.at(-2) === LINE_FEED || (bytes.at(-2) === RETURN && bytes.at(-3) === LINE_FEED);
}

/**
 * Reads the body of a response whatever its content type says: servers send streams as JSON, JSON as streams, and
 * gateways send login pages. The first character tells: `{` and `[` begin JSON (one document, or several), `<` begins
 * a page, anything else server-sent events.
 */
export function createBodyReader(sink: BodySink): BodyReader {
  const decoder = new TextDecoder(); // drops a byte order mark
  let kind: BodyReader['kind'] = 'unknown';
  let isOverLimit = false;
  let isTorn = false;
  let isEnding = false;
  let sawComment = false;
  let isBetweenEvents = false;
  const items = createJsonItems({ item: takeJson, broken });

  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ data, event }) => takeData(data, event),
    onComment: () => void (sawComment = true),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') isOverLimit = true;
      // Some servers write an error into a stream of events as a bare line of JSON.
      else if (error.type === 'unknown-field' && error.line?.startsWith('{')) takeJson(error.line);
      else if (isEnding && FIELDS.some((field) => field.startsWith(error.line ?? ''))) isTorn = true;
    },
  });

  function takeData(data: string, event: string | undefined): void {
    const text = data.trim();
    if (!text.startsWith('{') && /^"?\[done\]"?$/i.test(text)) return sink.done();
    const value = parseFrame(text);
    if (value !== undefined) return sink.value(value, event, text);
    // Without empty lines between them, all events come as one with many lines.
    if (text.includes('\n')) return text.split('\n').forEach((line) => takeData(line, event));
    // Only text that looks like JSON was meant to be a frame. Anything else is a sign of life, such as ": keepalive".
    if (/^[{[<]/.test(text)) broken();
    else if (event === 'error' && text !== '') sink.value({ error: text }, event);
  }

  /** An incomplete frame at the very end was cut off; it is not the server's mistake. */
  function broken(): void {
    if (isEnding) isTorn = true;
    else sink.broken();
  }

  function takeJson(text: string): void {
    if (/^\[done\]$/i.test(text)) return sink.done();
    const value = parseFrame(text);
    if (value === undefined) broken();
    else sink.value(value, undefined);
  }

  function takeText(text: string): void {
    if (kind === 'unknown') {
      const at = text.search(/[^\s\ufeff]/);
      if (at === -1) return;
      const first = text[at]!;
      kind = first === '{' || first === '[' ? 'json' : first === '<' ? 'markup' : 'events';
      text = text.slice(at);
    }
    if (kind === 'events' && !isOverLimit) parser.feed(text);
    if (kind === 'json' && !isOverLimit) {
      items.feed(text);
      if (items.pendingChars > MAX_DOCUMENT_CHARS) isOverLimit = true;
    }
  }

  return {
    feed(bytes) {
      takeText(decoder.decode(bytes, { stream: true }));
      isBetweenEvents = kind === 'events' && endsWithEmptyLine(bytes);
    },
    end() {
      takeText(decoder.decode());
      isEnding = true;
      if (items.isOpen) isTorn = true;
      // The last event may lack its line ends.
      if (kind === 'events' && !isOverLimit) parser.feed('\n\n');
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
    get sawComment() {
      return sawComment;
    },
  };
}
