import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

/** One call to the model, answered by the test. */
export interface GeminiCall {
  body: { contents: { role: string; parts: { text?: string }[] }[]; systemInstruction?: unknown };
  say(text: string): void;
  finish(): void;
  refuse(status: number): void;
  /** Resolves when the answer is complete or the sidecar has closed the connection. The value is the time (`performance.now()`). */
  readonly closed: Promise<number>;
  readonly isClosed: boolean;
}

/** A fake Gemini server. A test answers each call itself, and sees when the sidecar closes the connection of a call. */
export interface GeminiServer {
  /** Value for `GOOGLE_BASE_URL`. */
  url: string;
  readonly calls: readonly GeminiCall[];
  /** Resolves to the oldest call that `nextCall` has not returned yet. Waits for a call if there is none. */
  nextCall(): Promise<GeminiCall>;
  stop(): void;
}

export async function startGeminiServer(): Promise<GeminiServer> {
  const calls: GeminiCall[] = [];
  let taken = 0;
  let wake = () => {};
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      calls.push(createCall(JSON.parse(body) as GeminiCall['body'], response));
      wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1beta`,
    calls,
    async nextCall() {
      while (calls.length <= taken) await new Promise<void>((resolve) => (wake = resolve));
      return calls[taken++]!;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function createCall(body: GeminiCall['body'], response: ServerResponse): GeminiCall {
  let isClosed = false;
  const closed = new Promise<number>((resolve) => {
    response.once('close', () => {
      isClosed = true;
      resolve(performance.now());
    });
  });
  const send = (candidate: object) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify({ candidates: [{ index: 0, ...candidate }] })}\r\n\r\n`);
  };
  return {
    body,
    closed,
    get isClosed() {
      return isClosed;
    },
    say: (text) => send({ content: { role: 'model', parts: [{ text }] } }),
    finish() {
      send({ content: { role: 'model', parts: [] }, finishReason: 'STOP' });
      response.end();
    },
    refuse(status) {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: status, message: 'no', status: 'INTERNAL' } }));
    },
  };
}
