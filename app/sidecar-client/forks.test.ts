import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { replyJson, type SidecarReply } from '~/testing/fake-sidecar.ts';
import { serveApp, type ServedApp } from '~/testing/serve-app.ts';

let app: ServedApp;
let reply: SidecarReply;
beforeAll(async () => {
  app = await serveApp({
    routes: async () => ({ 'api/chats/:chatId/forks': await import('~/routes/api.chats.$chatId.forks.ts') }),
    reply: (request, response) => reply(request, response),
  });
});
afterAll(() => app.close());
afterEach(() => void (app.sidecar.requests.length = 0));

const FROM = { chatId: 'c1', messageId: 'm1', at: '1k7f3-246', title: 'One' };
const BRANCH = { chatId: 'f1', leafId: 'm1', from: FROM };

async function branch(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.url}/api/chats/c1/forks`, {
    method: 'POST',
    headers: { cookie: app.cookie, origin: app.url, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('POST /api/chats/:chatId/forks', () => {
  test.each([201, 200])(
    'passes the request on to the sidecar, and returns the sidecar’s response with status %s',
    async (status) => {
      reply = (_request, response) => replyJson(response, BRANCH, status);
      expect(await branch({ forkId: 'f1', messageId: 'm1', at: 'now' })).toEqual({ status, body: BRANCH });
      const [asked] = app.sidecar.requests;
      expect(asked!.path).toBe('/chats/c1/forks');
      expect(JSON.parse(asked!.body)).toEqual({ forkId: 'f1', messageId: 'm1', at: 'now' });
    },
  );

  test.each([
    ['an invalid event id', { forkId: 'f1', messageId: 'm1', at: 'yesterday' }, 'invalid_event_id'],
    ['a request that names no message', { forkId: 'f1' }, 'invalid_request'],
    ['an invalid id', { forkId: '../f1', messageId: 'm1' }, 'invalid_request'],
    ['a title that is not a string', { forkId: 'f1', messageId: 'm1', title: 1 }, 'invalid_request'],
  ])('refuses %s without asking the sidecar', async (_name, body, code) => {
    expect(await branch(body)).toMatchObject({ status: 400, body: { code } });
    expect(app.sidecar.requests).toEqual([]);
  });

  test('refuses a request from another site', async () => {
    const body = { forkId: 'f1', messageId: 'm1' };
    expect((await branch(body, { origin: 'https://evil.example' })).status).toBe(403);
    expect(app.sidecar.requests).toEqual([]);
  });

  test.each(['chat_exists', 'event_not_on_log', 'stream_active', 'not_found'])(
    'passes the refusal %s on',
    async (code) => {
      const status = code === 'not_found' ? 404 : 409;
      reply = (_request, response) => replyJson(response, { type: 'x', title: 'No.', status, code }, status);
      expect(await branch({ forkId: 'f1', messageId: 'm1' })).toMatchObject({ status, body: { code } });
    },
  );
});
