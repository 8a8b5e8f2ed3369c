import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { RejoinError } from '../../../shared/errors.ts';
import { refuse } from './refuse.server.ts';

async function ask(headers: Record<string, string>): Promise<Response> {
  const server = createServer((request, response) => {
    refuse(request, response, new RejoinError('request_too_large', { detail: 'Set MAX_REQUEST_BYTES.' }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { headers });
}

test.each([
  [{ 'accept-language': 'en' }, 'This is too long to send.'],
  [{ 'accept-language': 'de-AT,en;q=0.5' }, 'Das ist zu lang.'],
  [{ 'accept-language': 'de', cookie: 'language=zh' }, '内容太长，无法发送。'],
])('a refused request for a page is answered in the language of %o', async (headers, title) => {
  const response = await ask({ accept: 'text/html', ...headers });
  expect([response.status, await response.text()]).toEqual([413, `${title}\n\nSet MAX_REQUEST_BYTES.\n`]);
});

test('a client that is not a browser gets its error as RFC 9457 JSON in English, even if it asks for another language', async () => {
  const response = await ask({ accept: 'application/json', 'accept-language': 'de' });
  expect(await response.json()).toMatchObject({ code: 'request_too_large', title: 'This is too long to send.' });
});
