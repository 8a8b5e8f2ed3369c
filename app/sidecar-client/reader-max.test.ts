import http, { type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { serveApp, type ServedApp } from '~/testing/serve-app.ts';

const READER_MAX_MS = 300;
let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({
    routes: async () => ({ 'api/stream/resume/:streamId': await import('~/routes/api.stream.resume.$streamId.ts') }),
    reply: (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n'),
    env: { READER_MAX_MS: String(READER_MAX_MS) },
  });
});
afterAll(() => app.close());

test('the app cuts a reader after READER_MAX_MS, so that the reader must authenticate again', async () => {
  const begun = performance.now();
  const headers = { cookie: app.cookie, accept: 'text/event-stream' };
  const request = http.get(`${app.url}/api/stream/resume/s1`, { headers, agent: false }).on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  const [error] = (await once(response, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  expect(performance.now() - begun).toBeGreaterThanOrEqual(READER_MAX_MS - 5);
  await vi.waitFor(() => expect(app.sidecar.open.size).toBe(0));
});
