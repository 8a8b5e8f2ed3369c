import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SidecarReply } from '~/testing/fake-sidecar.ts';
import { serveApp, type ServedApp } from '~/testing/serve-app.ts';

const EVENTS = { 'content-type': 'text/event-stream', 'x-stream-id': 's1' };

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let reply: SidecarReply;
let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({
    routes: async () => ({ 'api/stream/resume/:streamId': await import('~/routes/api.stream.resume.$streamId.ts') }),
    reply: (request, response) => reply(request, response),
  });
});
afterAll(() => app.close());
afterEach(() => {
  app.sidecar.requests.length = 0;
});

function get(headers: Record<string, string> = {}, path = '/api/stream/resume/s1'): ClientRequest {
  const all = { cookie: app.cookie, accept: 'text/event-stream', ...headers };
  return http.get(app.url + path, { headers: all, agent: false }).on('error', () => {});
}
async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}
/** How a response ended, and the text received until then. */
async function endOf(response: IncomingMessage): Promise<{ received: string; whole: boolean; code?: string }> {
  let received = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
  const failed = new Promise<string | undefined>((resolve) => {
    response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).on('end', () => resolve(undefined));
  });
  const code = await failed;
  return { received, whole: response.complete, ...(code ? { code } : {}) };
}
const collectGarbage = () => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

describe('a stream through the app', () => {
  test('arrives byte for byte, with headers against buffering, and ends where the sidecar’s response ended', async () => {
    const frames = 'data: {"type":"text-delta","delta":"né 🦀"}\nid: 1ab-60\n\ndata: [DONE]\nid: 1ab-90\n\n';
    reply = (_, response) => response.writeHead(200, { ...EVENTS, 'x-stream-reset': '1' }).end(frames);
    const response = await answerTo(get({ 'accept-encoding': 'gzip' }));
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/event-stream\b/),
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-stream-reset': '1',
      'x-stream-id': 's1',
    });
    expect(response.headers['content-encoding']).toBeUndefined();
    expect(await endOf(response)).toEqual({ received: frames, whole: true });
  });

  test('delivers its headers and each chunk without delay', async () => {
    reply = (_, response) => void response.writeHead(200, EVENTS).flushHeaders();
    const response = await answerTo(get());
    const [upstream] = app.sidecar.open;
    for (const chunk of ['one\n\n', 'two\n\n']) {
      const arrived = once(response, 'data');
      upstream!.write(chunk);
      expect(String((await arrived)[0])).toBe(chunk);
    }
    upstream!.end();
  });

  test('is cut, not ended, if the sidecar resets its connection', async () => {
    reply = (_, response) => {
      response.writeHead(200, EVENTS).write('data: half');
      setTimeout(() => response.socket!.resetAndDestroy(), 20);
    };
    const end = await endOf(await answerTo(get()));
    expect(end).toEqual({ received: 'data: half', whole: false, code: 'ECONNRESET' });
  });

  test('is also cut if the sidecar closes its connection in the middle of the response', async () => {
    reply = (_, response) => {
      response.writeHead(200, EVENTS).write('data: half');
      setTimeout(() => response.socket!.destroy(), 20);
    };
    expect(await endOf(await answerTo(get()))).toMatchObject({ whole: false });
  });

  test('begins after the event id in the header, or else in the query, and is a 204 response if nothing follows', async () => {
    reply = (_, response) => response.writeHead(204).end();
    expect(
      (await answerTo(get({ 'last-event-id': '2cd-200' }, '/api/stream/resume/s1?after=1ab-100'))).statusCode,
    ).toBe(204);
    await answerTo(get({}, '/api/stream/resume/s1?after=1ab-100'));
    expect(app.sidecar.requests.map(({ headers }) => headers['last-event-id'])).toEqual(['2cd-200', '1ab-100']);
  });

  test('is text if `Accept` does not name events', async () => {
    reply = (_, response) => response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('hello');
    const response = await answerTo(get({ accept: '*/*' }));
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(await text(response)).toBe('hello');
    expect(app.sidecar.requests[0]!.headers.accept).toBe('text/plain');
  });

  test('is requested with the caller’s request id and trace, or with a new request id if the caller sends none', async () => {
    reply = (_, response) => response.writeHead(204).end();
    const response = await answerTo(get({ 'x-request-id': 'abc-1', traceparent: TRACEPARENT }));
    expect(response.headers['x-request-id']).toBe('abc-1');
    await answerTo(get());
    expect(app.sidecar.requests[0]!.headers).toMatchObject({ 'x-request-id': 'abc-1', traceparent: TRACEPARENT });
    expect(app.sidecar.requests[1]!.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is requested with a new request id and without a trace if those of the caller are unsafe to log', async () => {
    reply = (_, response) => response.writeHead(204).end();
    await answerTo(get({ 'x-request-id': '{"forged":1}', traceparent: 'not a trace', tracestate: 'a=1' }));
    const { headers } = app.sidecar.requests[0]!;
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect([headers.traceparent, headers.tracestate]).toEqual([undefined, undefined]);
  });

  test('closes the connection to the sidecar when the reader leaves, even before the sidecar has answered', async () => {
    reply = () => {};
    const request = get();
    await vi.waitFor(() => expect(app.sidecar.open.size).toBe(1));
    request.destroy();
    await vi.waitFor(() => expect(app.sidecar.open.size).toBe(0));
  });

  test('does not pile up in memory while its reader does not read', async () => {
    const page = Buffer.alloc(64 * 1024, 'x');
    const offered = 64 * 1024 * 1024;
    let written = 0;
    reply = (_, response) => {
      response.writeHead(200, EVENTS);
      const write = () => {
        while (written < offered) {
          written += page.length;
          if (!response.write(page)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    };
    const response = await answerTo(get());
    response.pause();
    let before = -1;
    await vi.waitFor(
      () => {
        const stands = written === before;
        before = written;
        expect(stands).toBe(true);
      },
      { interval: 200, timeout: 10_000 },
    );
    // The sidecar could write only what fits into the socket buffers between sidecar and app, and between app and reader.
    expect(written).toBeLessThan(offered / 2);
    response.destroy();
    await vi.waitFor(() => expect(app.sidecar.open.size).toBe(0));
  });

  test('leaves no connection to the sidecar behind when 300 readers leave together', { timeout: 30_000 }, async () => {
    reply = (_, response) => void response.writeHead(200, EVENTS).write('data: 1\n\n');
    const requests = Array.from({ length: 300 }, () => get());
    await Promise.all(requests.map(async (request) => once(await answerTo(request), 'data')));
    expect(app.sidecar.open.size).toBe(300);
    // undici's Request holds its signal by a weak reference, so the request can lose the signal in a garbage collection.
    collectGarbage();
    for (const request of requests) request.destroy();
    await vi.waitFor(() => expect(app.sidecar.open.size).toBe(0), { timeout: 5_000 });
  });
});
