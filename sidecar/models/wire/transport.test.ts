import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTransport } from './transport.ts';

/** We have seen a first token after 320 s. By default, undici gives up after 300 s. */
const LONG_MS = 400_000;

let responses: ServerResponse[] = [];
const server = createServer((_request, response) => void responses.push(response));
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  responses = [];
  // undici measures time with timers, so fake timers make it believe that minutes have passed.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  return () => vi.useRealTimers();
});

const arrived = async (): Promise<ServerResponse> => {
  while (responses.length === 0) await new Promise(setImmediate);
  return responses[0]!;
};
const post = () => createTransport()({ url: url(), headers: {}, body: '{}', signal: new AbortController().signal });

describe('a model server that is silent for minutes', () => {
  test('is given up by undici with its default time limits', async () => {
    const given = request(url(), { method: 'POST', body: '{}' }).catch((error: unknown) => error);
    await arrived();
    await vi.advanceTimersByTimeAsync(LONG_MS);
    expect(await given).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
  });

  test('is waited for until the head of its response comes', async () => {
    const given = post();
    const response = await arrived();
    await vi.advanceTimersByTimeAsync(LONG_MS);
    response.end('late');
    const { status, body } = await given;
    expect(status).toBe(200);
    expect(await body.toArray()).toEqual([Buffer.from('late')]);
  });

  test('is waited for between the head and the first token, and between two tokens', async () => {
    const given = post();
    const response = await arrived();
    response.flushHeaders();
    const { body } = await given;
    const chunks = body[Symbol.asyncIterator]();
    for (const token of ['one', 'two']) {
      const next = chunks.next();
      await vi.advanceTimersByTimeAsync(LONG_MS);
      response.write(token);
      expect(await next).toEqual({ done: false, value: Buffer.from(token) });
    }
    body.on('error', () => {
      /* the test destroys the body before the response has ended */
    });
    body.destroy();
  });
});
