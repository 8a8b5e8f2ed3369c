import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { SECRET } from '../../testing/tokens.ts';
import { StartError } from '../shared/start-error.ts';
import { createSidecarClient, SidecarAway } from './sidecar-client.ts';

let stop: () => void = () => {};
afterEach(() => stop());

/** The error that the client reports for a server that responds with `answer`. */
async function errorFrom(answer: RequestListener, answerMs = 5_000): Promise<unknown> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createSidecarClient({ url, secret: SECRET, answerMs })
    .list()
    .catch((error: unknown) => error);
}

test.each<[string, RequestListener]>([
  ['no response', () => {}],
  ['a response whose body does not end', (_, response) => void response.writeHead(200).write('{"streams":[')],
  ['a refusal whose body does not end', (_, response) => void response.writeHead(503).write('{"type":')],
])('%s within the time limit is reported as a timeout, and as a sidecar that is away', async (_, answer) => {
  const error = await errorFrom(answer, 300);
  expect(error).toBeInstanceOf(SidecarAway);
  expect((error as Error).message).toMatch(/^No sidecar answers at \S+ \(The operation was aborted due to timeout\)/);
});

test('a connection that breaks in the middle of a body is reported as a sidecar that is away', async () => {
  const error = await errorFrom((_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"streams":[');
    setImmediate(() => response.destroy());
  });
  expect(error).toBeInstanceOf(SidecarAway);
});

test.each([429, 503])('a refusal with HTTP %i is reported as a sidecar that is away', async (status) => {
  const error = await errorFrom((_, response) => {
    const problem = {
      type: 'about:blank',
      title: 'Not now.',
      status,
      code: status === 429 ? 'rate_limited' : 'draining',
    };
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  });
  expect(error).toBeInstanceOf(SidecarAway);
  expect((error as Error).message).toContain('Not now.');
});

test.each([
  [200, 'Check SIDECAR_URL and the version of the sidecar.'],
  [404, '(HTTP 404). Check SIDECAR_URL.'],
])('an HTML page with HTTP %i is reported as a response that is not from a sidecar', async (status, text) => {
  const error = await errorFrom((_, response) => void response.writeHead(status).end('<!doctype html>'));
  expect(error).toBeInstanceOf(StartError);
  expect(error).not.toBeInstanceOf(SidecarAway);
  expect((error as Error).message).toContain(text);
});
