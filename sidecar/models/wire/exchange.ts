import type { Readable } from 'node:stream';
import { ask, type RetryWait } from './ask.ts';
import { createBodyReader } from './body/body-reader.ts';
import { createBodySource } from './body/body-source.ts';
import { WireFailure, type Failure } from './failures/failure.ts';
import { decideOutcome, type WireEnd, type WireFacts } from './failures/outcome.ts';
import { joined, sse, type FrameReader } from './protocol.ts';
import { readFailure } from './failures/read-failure.ts';
import type { Post, Reply } from './transport.ts';

/** All requests of one answer: the first, and one for each step after a tool call. */
export interface Exchange {
  /**
   * A `fetch` for the AI SDK. Its response is always a stream that the SDK can read. Throws a {@link WireFailure}, or an abort
   * error.
   */
  fetch: typeof globalThis.fetch;
  /** Facts about the last response; `null` before it has ended. */
  readonly facts: WireFacts | null;
  /** Why the last response failed after it had begun; otherwise `null`. The SDK itself gets only a general error event. */
  readonly failure: WireFailure | null;
}

export interface ExchangeOptions {
  post: (post: Post) => Promise<Reply>;
  createReader(): FrameReader;
  /** Number of retries of each request. */
  maxRetries: number;
  /** The server sent something, even if only a comment. */
  onLife(): void;
  onWait(wait: RetryWait): void;
  /** True if the answer already has words, from an earlier step or from an interrupted attempt. Then a response may be empty. */
  hadWordsBefore(): boolean;
}

/** How long to wait for token counts after the reason to finish. Some servers never close the connection. */
const AFTER_LAST_WORD_MS = 30_000;
/** The rest of a response is read for at most this time, so that its connection can be used again. */
const DRAIN_MS = 1000;

export function createExchange(options: ExchangeOptions): Exchange {
  const { post, createReader, maxRetries, onLife, onWait, hadWordsBefore } = options;
  let facts: WireFacts | null = null;
  let failure: WireFailure | null = null;

  async function fetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    facts = null;
    failure = null;
    const signal = init.signal ?? new AbortController().signal;
    const request: Post = {
      url: input instanceof Request ? input.url : String(input),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: String(init.body),
      signal,
    };
    const { body } = await ask(request, { post, maxRetries, onWait });
    onLife();
    const response = createResponse({
      body,
      signal,
      reader: createReader(),
      hadWordsBefore,
      onLife,
      onEnd(ended) {
        facts = ended.facts;
        failure = ended.failure;
      },
    });
    return new Response(response, { headers: { 'content-type': 'text/event-stream' } });
  }

  return {
    fetch,
    get facts() {
      return facts;
    },
    get failure() {
      return failure;
    },
  };
}

interface ResponseOptions {
  body: Readable;
  signal: AbortSignal;
  reader: FrameReader;
  hadWordsBefore(): boolean;
  onLife(): void;
  onEnd(ended: { facts: WireFacts; failure: WireFailure | null }): void;
}

/** Reads a body on demand and returns events that the SDK can read. The last one is the end of the answer, or an error. */
function createResponse({ body, signal, reader, hadWordsBefore, onLife, onEnd }: ResponseOptions) {
  let out = '';
  let isDone = false;
  let isBroken = false;
  /** The last frame came after the reason to finish, so an error in that frame does not concern the answer. */
  let isAfterthought = false;
  const bytes = createBodyReader({
    value(value, event, json) {
      if (isDone || reader.error !== undefined) return;
      const hasEnded = reader.reason !== null && !reader.isStamped;
      out += reader.take(value, event, json);
      isAfterthought = hasEnded;
    },
    text(text) {
      if (!isDone && reader.error === undefined) reader.takeText(text);
    },
    done() {
      isDone = true;
    },
    broken() {
      isBroken = true;
    },
  });
  const source = createBodySource(body, () => {
    try {
      advance();
    } catch (error) {
      // An error thrown in a listener of the body would end the process, and every other answer with it.
      if (!isClosed) close(() => controller.error(error));
    }
  });

  function factsOf(end: WireEnd): WireFacts {
    const { reason, words, thoughts, toolCalls, cutCall, isUnclear } = reader;
    // A frame that was cut, after a frame with both content and a reason, probably had more content.
    const isStamped = reader.isStamped || (bytes.isFrameTorn && reader.isReasonWithContent);
    return { end, reason, isStamped, words, thoughts, toolCalls, cutCall, isUnclear };
  }

  function wireEnd(end: 'closed' | 'reset'): WireEnd {
    if (isBroken) return 'broken';
    if (isDone) return 'done';
    if (bytes.isTorn || end === 'reset') return 'reset';
    return reader.isDocument(bytes.kind === 'json') ? 'done' : 'closed';
  }

  /** The last events: the end of an answer, or an error in its place. */
  function finish(end: 'closed' | 'reset'): string {
    const facts = factsOf(wireEnd(end));
    const outcome = decideOutcome(facts, { hadWordsBefore: hadWordsBefore() });
    const error = reader.error ?? reader.doubt;
    const reported = error === undefined ? null : readFailure({ document: error });
    let failure: Failure | null = null;
    if (reported !== null && !(outcome.isSuccess && isAfterthought && reader.error !== undefined)) failure = reported;
    else if (!outcome.isSuccess) {
      const isForeign = !reader.isKnown && !isBroken && !bytes.isTorn && !isEmptyStream() && end === 'closed';
      failure = isForeign ? { code: 'not_a_model_server' } : { code: outcome.code, detail: outcome.cause };
    }
    return leave(facts, failure, outcome.isSuccess ? outcome.reason : 'stop');
  }

  /** True if `[DONE]` or a comment shows that the response comes from a model server, even if the response has no frames. */
  const isEmptyStream = (): boolean => bytes.kind === 'events' && (isDone || bytes.sawComment);

  function leave(facts: WireFacts, failure: Failure | null, reason: 'stop' | 'length' | 'tool-calls'): string {
    onEnd({ facts, failure: failure && new WireFailure(failure) });
    return failure === null ? reader.end(reason) : reader.heldText() + ERROR_EVENT;
  }

  /** A failure that is certain before the body has ended. */
  function failureSoFar(): Failure | null {
    if (bytes.kind === 'markup') return { code: 'not_a_model_server', detail: 'markup' };
    if (bytes.isOverLimit) return { code: 'not_understood', detail: 'too large' };
    if (reader.isOverLimit) return { code: 'tool_call_failed', detail: 'too many' };
    return null;
  }

  let controller: ReadableStreamDefaultController<Uint8Array>;
  /** True while the SDK waits for an event. While it does not wait, `source` collects the pieces that arrive. */
  let isWanted = false;
  let isClosed = false;
  let lastWordTimer: NodeJS.Timeout | undefined;

  /** If the SDK waits for an event, passes on what has arrived. */
  function advance(): void {
    if (!isWanted || isClosed) return;
    const pieces = source.take();
    if (pieces !== null) {
      onLife();
      clearTimeout(lastWordTimer);
      lastWordTimer = undefined;
      for (const piece of pieces) feed(piece);
    }
    const end = pieces === null ? source.end : null;
    if (pieces === null && end === null) return;
    if (end === 'reset' && signal.aborted) return close(() => controller.error(signal.reason));
    conclude(end);
  }

  /** Reads a piece. Frames that repeat the frame before are taken without being decoded and parsed. */
  function feed(piece: Uint8Array): void {
    let start = 0;
    if (!bytes.isBetweenEvents) {
      start = Buffer.from(piece.buffer, piece.byteOffset, piece.length).indexOf('\n\n') + 2;
      if (start < 2 || start === piece.length) return bytes.feed(piece);
      bytes.feed(piece.subarray(0, start));
    }
    if (bytes.isBetweenEvents && !isDone && reader.error === undefined)
      start += reader.takeRepeated(start === 0 ? piece : piece.subarray(start));
    if (start < piece.length) bytes.feed(start === 0 ? piece : piece.subarray(start));
  }

  function conclude(end: 'closed' | 'reset' | null): void {
    if (end !== null) bytes.end();
    if (end !== null || isDone) reader.close();
    let events = joined(out, reader.flush());
    out = '';
    const early = failureSoFar();
    const isOver = early !== null || end !== null || isDone || reader.error !== undefined;
    if (isOver) events = joined(events, early ? leave(factsOf('broken'), early, 'stop') : finish(end ?? 'closed'));
    else if ((reader.reason !== null && !reader.isStamped) || reader.doubt !== undefined)
      lastWordTimer ??= setTimeout(() => isClosed || conclude('closed'), AFTER_LAST_WORD_MS).unref();
    if (events.length > 0) {
      isWanted = false;
      controller.enqueue(typeof events === 'string' ? Buffer.from(events) : events);
    }
    if (isOver) close(() => controller.close());
    // The last bytes gave no event, so the SDK still waits, and gets the end now.
    else if (isWanted && source.end !== null) advance();
  }

  function close(how: () => void): void {
    isClosed = true;
    clearTimeout(lastWordTimer);
    how();
    drain(body);
  }

  return new ReadableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      pull() {
        isWanted = true;
        advance();
      },
      cancel() {
        isClosed = true;
        clearTimeout(lastWordTimer);
        body.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

function drain(body: Readable): void {
  if (body.destroyed) return;
  // Without a `data` listener, the bytes are dropped. The `error` listener stays: without one, an error would end the process.
  body.removeAllListeners('data');
  body.resume();
  setTimeout(() => body.destroy(), DRAIN_MS).unref();
}

/** Makes the SDK end the answer with an error after all earlier events. {@link Exchange.failure} says which error. */
const ERROR_EVENT = sse(JSON.stringify({ error: { code: 500, status: 'INTERNAL', message: 'The answer failed.' } }));
