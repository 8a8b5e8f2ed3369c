import { createParser } from 'eventsource-parser';
import { parseJson } from './json.ts';

/** The format of a body. */
export interface BodySink {
  /** One JSON document: a frame of the stream, or the whole answer. `event`: the name of the event around it. */
  value(value: unknown, event: string | undefined): void;
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
  /** A line, a frame or a document is larger than any that a model server sends. */
  readonly isOverLimit: boolean;
  /** It ended in the middle of a frame, however cleanly the connection was closed. */
  readonly isTorn: boolean;
  /** It has comments, as only server-sent events have. */
  readonly sawComment: boolean;
}

const MAX_EVENT_CHARS = 8 * 1024 * 1024;
const MAX_DOCUMENT_CHARS = 32 * 1024 * 1024;

/**
 * Reads the body of a response whatever its content type says: servers send streams as JSON, JSON as streams, and
 * gateways send login pages. The first character tells: `{` and `[` begin JSON (one document, or one in each line),
 * `<` begins a page, anything else server-sent events.
 */
export function createBodyReader(sink: BodySink): BodyReader {
  const decoder = new TextDecoder(); // drops a byte order mark
  let kind: BodyReader['kind'] = 'unknown';
  let isOverLimit = false;
  let isTorn = false;
  let isEnding = false;
  let sawComment = false;
  /** JSON that is not whole yet. */
  let pending = '';
  /** Whether JSON comes as one document a line: its first line decides. */
  let isByLine: boolean | undefined;

  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ data, event }) => takeData(data, event),
    onComment: () => void (sawComment = true),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') isOverLimit = true;
      // Some servers write an error into a stream of events as a bare line of JSON.
      else if (error.type === 'unknown-field' && error.line?.startsWith('{')) takeLine(error.line);
      else if (isEnding) isTorn = true;
    },
  });

  function takeData(data: string, event: string | undefined): void {
    const text = data.trim();
    if (/^\[done\]$/i.test(text)) return sink.done();
    const value = parseJson(text);
    if (value !== undefined) return sink.value(value, event);
    // Only text that looks like JSON was meant to be a frame. Anything else is a sign of life, such as ": keepalive".
    if (/^[{[<]/.test(text)) broken();
    else if (event === 'error' && text !== '') sink.value({ error: text }, event);
  }

  /** An incomplete frame at the very end was cut off; it is not the server's mistake. */
  function broken(): void {
    if (isEnding) isTorn = true;
    else sink.broken();
  }

  function takeLine(line: string): void {
    const value = parseJson(line);
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
    if (kind === 'json') takeJson(text);
  }

  function takeJson(text: string): void {
    pending += text;
    if (pending.length > MAX_DOCUMENT_CHARS) return void (isOverLimit = true);
    if (isByLine === undefined) {
      const lineEnd = pending.indexOf('\n');
      if (lineEnd === -1) return;
      const first = parseJson(pending.slice(0, lineEnd));
      isByLine = first !== undefined && pending.startsWith('{');
    }
    if (!isByLine) return;
    const lines = pending.split('\n');
    pending = lines.pop()!;
    for (const line of lines) if (line.trim() !== '') takeLine(line);
  }

  function endJson(): void {
    if (pending.trim() === '') return;
    takeLine(pending);
    // A document that is whole needs no other last word.
    if (!isByLine && !isTorn) sink.done();
  }

  return {
    feed(bytes) {
      takeText(decoder.decode(bytes, { stream: true }));
    },
    end() {
      takeText(decoder.decode());
      isEnding = true;
      if (kind === 'json') endJson();
      // The last event may lack its line ends.
      if (kind === 'events' && !isOverLimit) parser.feed('\n\n');
      pending = '';
    },
    get kind() {
      return kind;
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
