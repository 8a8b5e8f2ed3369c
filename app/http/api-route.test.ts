import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from '../../shared/errors.ts';
import { replyJson, type SidecarReply } from '~/testing/fake-sidecar.ts';
import { serveApp, SIDECAR_SECRET, type ServedApp } from '~/testing/serve-app.ts';
import { sidecarToken, unsignedToken } from '~/testing/tokens.ts';

const STREAM = { streamId: 's1', chatId: 'c1', messageId: 'm1' };
const STATE = {
  ...STREAM,
  modelId: 'demo',
  status: 'active',
  startTime: '2026-11-22T10:00:00.000Z',
  lastActivity: '2026-11-22T10:00:01.000Z',
  lastEventId: '1ab-100',
  bytes: 100,
  sha256: null,
  error: null,
  resumable: true,
};
const STARTED = { ...STREAM, modelId: 'demo', servedBy: 'demo', status: 'active', resumable: true };
const START = { ...STREAM, modelId: 'demo', messages: [{ role: 'user', content: 'Hello' }] };
const COUNTS = { scanned: 1, removed: 0, mended: 0, recovered: 0 };

let reply: SidecarReply;
let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({
    routes: async () => ({
      'api/stream/start': await import('~/routes/api.stream.start.ts'),
      'api/stream/status/:streamId': await import('~/routes/api.stream.status.$streamId.ts'),
      'api/stream/active': await import('~/routes/api.stream.active.ts'),
      'api/stream/cancel/:streamId': await import('~/routes/api.stream.cancel.$streamId.ts'),
      'api/stream/cleanup': await import('~/routes/api.stream.cleanup.ts'),
      'api/stream/resume/:streamId': await import('~/routes/api.stream.resume.$streamId.ts'),
      'api/stream': await import('~/routes/api.stream.ts'),
      'api/models': await import('~/routes/api.models.ts'),
      'api/chats': await import('~/routes/api.chats.ts'),
      'api/chats/:chatId': await import('~/routes/api.chats.$chatId.ts'),
      'api/chats/:chatId/forks': await import('~/routes/api.chats.$chatId.forks.ts'),
      'api/*': await import('~/routes/api.$.ts'),
    }),
    reply: (request, response) => reply(request, response),
    env: { ADMIN_USER_IDS: 'root', MAX_REQUEST_BYTES: '4096' },
  });
});
afterAll(() => app.close());
beforeEach(() => {
  reply = (_, response) => replyJson(response, STATE);
});
afterEach(() => {
  app.sidecar.requests.length = 0;
});

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Default: `guest`. */
  as?: 'guest' | 'nobody';
}
async function ask({ method = 'GET', path = '/api/stream/status/s1', headers = {}, body, as = 'guest' }: Asked) {
  const answer = await fetch(app.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(as === 'guest' ? { cookie: app.cookie } : {}),
      // A browser sends `Origin` with every request that may change something.
      ...(as === 'guest' && method !== 'GET' ? { origin: app.url } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: text.startsWith('{') ? JSON.parse(text) : null };
}
function expectProblem(answer: Awaited<ReturnType<typeof ask>>, code: ErrorCode) {
  expect(answer.json).toMatchObject({ code, status: ERRORS[code].status, title: ERRORS[code].title });
  expect(answer.status).toBe(ERRORS[code].status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.text).not.toMatch(/\bat .*\.(?:ts|js):\d/);
}
const bearer = async (token: Parameters<typeof sidecarToken>[0]) => ({
  authorization: `Bearer ${await sidecarToken(token)}`,
});
const sidecarCaller = () => decodeJwt(app.sidecar.requests.at(-1)!.headers.authorization!.replace('Bearer ', ''));

describe('the caller', () => {
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
  const refused: [string, () => Promise<Record<string, string>> | Record<string, string>][] = [
    ['neither cookie nor token', () => ({})],
    ['a cookie that is not ours', () => ({ cookie: 'rejoin_guest=eyJ1c2VySWQiOiJhbGljZSJ9.c2lnbmVk' })],
    ['a cookie that was changed', () => ({ cookie: app.cookie.replace(/=.{4}/, '=AAAA') })],
    ['an expired token', () => bearer({ secret: SIDECAR_SECRET, expiresInSeconds: -10 })],
    ['a token that never expires', () => bearer({ secret: SIDECAR_SECRET, expiresInSeconds: null })],
    ['a token with another secret', () => bearer({ secret: 'some other secret of somebody' })],
    ['a token for another service', () => bearer({ secret: SIDECAR_SECRET, audience: 'billing' })],
    [
      'a token without a signature',
      () => ({ authorization: `Bearer ${unsignedToken({ sub: 'alice', aud: 'sidecar', exp: inSeconds(60) })}` }),
    ],
    ['a token for a user id that is not valid', () => bearer({ secret: SIDECAR_SECRET, userId: 'a:b c' })],
    ['something that is not a token', () => ({ authorization: 'Basic YWxpY2U6c2VjcmV0' })],
    ['an empty token and a good cookie', () => ({ authorization: 'Bearer ', cookie: app.cookie })],
  ];
  test.each(refused)('is refused with %s', async (_, headers) => {
    const answer = await ask({ as: 'nobody', headers: await headers() });
    expectProblem(answer, 'unauthorized');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(app.sidecar.requests).toEqual([]);
  });

  test('is recognized as a guest by the cookie, and the sidecar gets a token that is valid for a minute', async () => {
    expect(await ask({})).toMatchObject({ status: 200, json: STATE });
    const { sub, aud, exp, admin } = sidecarCaller();
    expect({ sub, aud, admin }).toEqual({
      sub: expect.stringMatching(/^guest_[\w-]{22}$/),
      aud: 'sidecar',
      admin: undefined,
    });
    expect(exp! - Date.now() / 1000).toBeLessThanOrEqual(60);
  });

  test.each(['Basic YWxpY2U6c2VjcmV0', 'Negotiate YII', 'Digest username="a"'])(
    'is recognized as a guest by the cookie, even if the request has credentials for a proxy: %s',
    async (authorization) => {
      expect(await ask({ headers: { authorization } })).toMatchObject({ status: 200, json: STATE });
    },
  );

  test('is told what is wrong with a bad token', async () => {
    const details = [
      await bearer({ secret: SIDECAR_SECRET, expiresInSeconds: -10 }),
      await bearer({ secret: 'some other secret of somebody' }),
    ].map(async (headers) => (await ask({ as: 'nobody', headers })).json.detail as string);
    expect(await Promise.all(details)).toEqual([
      expect.stringContaining('has expired'),
      expect.stringContaining('SIDECAR_SECRET'),
    ]);
  });

  test('is recognized by a token', async () => {
    await ask({ as: 'nobody', headers: await bearer({ secret: SIDECAR_SECRET, userId: 'bob' }) });
    expect(sidecarCaller()).toMatchObject({ sub: 'bob' });
  });

  test.each([
    ['ADMIN_USER_IDS names the id', { userId: 'root' }],
    ['the token says so', { userId: 'carol', claims: { admin: true } }],
  ])('is an administrator for the sidecar if %s', async (_, token) => {
    await ask({ as: 'nobody', headers: await bearer({ secret: SIDECAR_SECRET, ...token }) });
    expect(sidecarCaller()).toMatchObject({ sub: token.userId, admin: true });
  });

  test('has its network address passed to the sidecar as a keyed hash, but only if it is a guest', async () => {
    const addressOf = async (asked: Asked) => (await ask(asked), sidecarCaller().address);
    const address = await addressOf({});
    expect(address).toMatch(/^[A-Za-z0-9_-]{22}$/);
    reply = (_, response) => replyJson(response, STARTED, 201);
    const begin: Asked = { as: 'nobody', method: 'POST', path: '/api/stream/start', body: START };
    // A new guest from the same network address has the same hash.
    expect(await addressOf(begin)).toBe(address);
    const token = await bearer({ secret: SIDECAR_SECRET, userId: 'bob' });
    expect(await addressOf({ ...begin, headers: token })).toBeUndefined();
  });

  test('is refused, with an explanation, if the request came through a proxy that is not configured', async () => {
    const answer = await ask({ headers: { 'x-forwarded-for': '203.0.113.1' } });
    expectProblem(answer, 'untrusted_proxy');
    expect(answer.json.detail).toContain('TRUST_PROXY=1');
    expect(app.sidecar.requests).toEqual([]);
  });

  test("gets the sidecar's reason for a refusal, and when to try again", async () => {
    const problem = {
      type: 'x',
      title: ERRORS.rate_limited.title,
      status: 429,
      code: 'rate_limited',
      detail: 'In 34 s.',
    };
    reply = (_, response) =>
      void response
        .writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '34', 'ratelimit-limit': '8' })
        .end(JSON.stringify(problem));
    const answer = await ask({ method: 'POST', path: '/api/stream/start', body: START });
    expectProblem(answer, 'rate_limited');
    expect(answer.json).toMatchObject({ detail: 'In 34 s.' });
    expect(answer.headers.get('retry-after')).toBe('34');
    expect(answer.headers.get('ratelimit-limit')).toBe('8');
  });

  test('without a session becomes a guest by starting something, and is recognized afterwards', async () => {
    reply = (_, response) => replyJson(response, STARTED, 201);
    const answer = await ask({ as: 'nobody', method: 'POST', path: '/api/stream/start', body: START });
    expect(answer.status).toBe(201);
    const setCookie = answer.headers.get('set-cookie')!;
    expect(setCookie).toMatch(/^rejoin_guest=.*; HttpOnly; SameSite=Lax$/);
    const { sub } = sidecarCaller();
    await ask({ as: 'nobody', headers: { cookie: setCookie.split(';')[0]! } });
    expect(sidecarCaller()).toMatchObject({ sub });
  });

  test('with a guest’s cookie is refused if Host names another site, even if that name resolves to this machine', async () => {
    const body = await new Promise<string>((resolve) => {
      const headers = { host: 'evil.example:3000', cookie: app.cookie };
      http.get(`${app.url}/api/stream/active`, { headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text));
      });
    });
    expect(JSON.parse(body)).toMatchObject({ code: 'forbidden_origin', detail: expect.stringContaining('APP_ORIGIN') });
  });
});

describe('a request from another site', () => {
  const cancel = { method: 'DELETE', path: '/api/stream/cancel/s1' };
  test.each<[string, Asked]>([
    ['by its Origin', { headers: { origin: 'https://evil.example' } }],
    ['by Sec-Fetch-Site', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['by its Origin, even without a cookie', { as: 'nobody', headers: { origin: 'https://evil.example' } }],
  ])('is recognized %s and refused before anything is done', async (_, asked) => {
    expectProblem(await ask({ ...cancel, ...asked }), 'forbidden_origin');
    expect(app.sidecar.requests).toEqual([]);
  });
});

describe('every URL', () => {
  test.each([
    ['PUT', '/api/stream/start', 'POST'],
    ['GET', '/api/stream/start', 'POST'],
    ['POST', '/api/stream/resume/s1', 'HEAD, GET'],
    ['GET', '/api/stream/cancel/s1', 'DELETE, POST'],
    ['DELETE', '/api/models', 'HEAD, GET'],
    ['PUT', '/api/chats/c1', 'HEAD, GET, PATCH, DELETE'],
  ])('returns 405 and the list of its methods for any other method: %s %s', async (method, path, allow) => {
    const answer = await ask({ method, path });
    expectProblem(answer, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test.each(['GET', 'POST', 'DELETE'])('that does not exist answers %s with the same 404', async (method) => {
    expectProblem(await ask({ method, path: '/api/nothing/here' }), 'not_found');
  });

  test('answers HEAD like GET, without a body', async () => {
    expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('bad input', () => {
  const start = { method: 'POST', path: '/api/stream/start' };
  test.each<[string, unknown, ErrorCode]>([
    ['JSON that is cut off', '{"chatId": "c1"', 'malformed_json'],
    ['a body that is no object', '[1]', 'invalid_request'],
    ['a missing body', undefined, 'invalid_request'],
    ['a number for an id', { ...START, chatId: 1 }, 'invalid_request'],
    ['an id with a slash', { ...START, chatId: 'a/b' }, 'invalid_request'],
    ['an id that is too long', { ...START, messageId: 'x'.repeat(129) }, 'invalid_request'],
    ['an empty list of messages', { ...START, messages: [] }, 'invalid_request'],
    ['a message of an unknown role', { ...START, messages: [{ role: 'boss', content: 'Hi' }] }, 'invalid_request'],
    ['a message without content', { ...START, messages: [{ role: 'user' }] }, 'invalid_request'],
    ['an oversized body', { ...START, messages: [{ role: 'user', content: 'x'.repeat(5000) }] }, 'request_too_large'],
  ])('%s is refused and nothing is started', async (_, body, code) => {
    expectProblem(await ask({ ...start, body }), code);
    expect(app.sidecar.requests).toEqual([]);
  });

  test.each(['application/xml', 'multipart/form-data; boundary=x', 'text/html'])(
    'with the content type %s is refused, and nothing is started',
    async (type) => {
      const answer = await ask({ ...start, headers: { 'content-type': type }, body: START });
      expectProblem(answer, 'unsupported_media_type');
      expect(app.sidecar.requests).toEqual([]);
    },
  );

  test('is answered with the name of the wrong field', async () => {
    const { json } = await ask({ ...start, body: { ...START, messages: [{ role: 'boss', content: 'Hi' }] } });
    expect(json.detail).toMatch(/^messages\.0\.role: /);
  });

  test.each(['it was', 'it was not'])(
    'that is too long is refused before all of it has arrived. Was its length announced? %s',
    async (length) => {
      const size = 1024 * 1024;
      const headers = length.endsWith('not') ? {} : { 'content-length': String(size) };
      const request = http
        .request(app.url + start.path, { method: 'POST', headers, agent: false })
        .on('error', () => {});
      request.write('x'.repeat(size / 2));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(413);
      // The response does not wait for the rest of the body.
      expect(response.headers.connection).toBe('close');
      await once(response.resume(), 'close');
      expect(app.sidecar.requests).toEqual([]);
    },
  );
});

describe('starting', () => {
  test.each([201, 200])('returns the status %s and the stream from the response of the sidecar', async (status) => {
    reply = (_, response) => replyJson(response, STARTED, status);
    const answer = await ask({ method: 'POST', path: '/api/stream/start', body: { ...START, unknown: 1 } });
    expect(answer).toMatchObject({ status, json: STARTED });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(app.sidecar.requests[0]!.body)).toEqual({
      chatId: 'c1',
      messageId: 'm1',
      modelId: 'demo',
      messages: START.messages,
    });
  });

  test('is refused while an answer is being written, and the response names the stream of that answer', async () => {
    const problem = {
      type: 'urn:rejoin:error:stream_active',
      title: 'x',
      status: 409,
      code: 'stream_active',
      streamId: 's7',
    };
    reply = (_, response) => replyJson(response, problem, 409);
    const answer = await ask({ method: 'POST', path: '/api/stream/start', body: START });
    expectProblem(answer, 'stream_active');
    expect(answer.json.streamId).toBe('s7');
  });

  test('through /api/stream needs only messages, and returns the answer in the same response', async () => {
    reply = ({ path }, response) => {
      if (path === '/models') replyJson(response, { models: [], defaultModelId: 'demo', resumable: true });
      else if (path === '/streams') replyJson(response, STARTED, 201);
      else response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('Hello there');
    };
    const answer = await ask({ as: 'nobody', method: 'POST', path: '/api/stream', body: { messages: START.messages } });
    expect(answer).toMatchObject({ status: 200, text: 'Hello there' });
    expect(answer.headers.get('x-stream-id')).toBe('s1');
    expect(answer.headers.get('set-cookie')).toContain('rejoin_guest=');
    expect(app.sidecar.requests.map(({ path }) => path)).toEqual(['/models', '/streams', '/streams/s1/events']);
    expect(app.sidecar.requests[2]!.headers.accept).toBe('text/plain');
  });
});

describe('cancelling', () => {
  const cancelled = { streamId: 's1', status: 'cancelled', lastEventId: '1ab-100' };
  beforeEach(() => {
    reply = (_, response) => replyJson(response, cancelled);
  });

  test('answers with how the stream ended', async () => {
    expect(await ask({ method: 'DELETE', path: '/api/stream/cancel/s1' })).toMatchObject({
      status: 200,
      json: cancelled,
    });
    expect(app.sidecar.requests[0]).toMatchObject({ method: 'DELETE', path: '/streams/s1' });
  });

  test.each([
    ['/chat/c1', '/chat/c1'],
    ['//evil.example/', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['', '/'],
  ])('by a form goes back to a page of this app: %j leads to %j', async (returnTo, location) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ returnTo }).toString();
    const answer = await ask({ method: 'POST', path: '/api/stream/cancel/s1', headers, body });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(location);
  });

  test('escapes an id that looks like a path, so that the request reaches no other endpoint of the sidecar', async () => {
    await ask({ method: 'DELETE', path: '/api/stream/cancel/..%2Fcleanup' });
    expect(app.sidecar.requests[0]!.path).toBe('/streams/..%2Fcleanup');
  });
});

describe('cleaning up', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  test.each<[string, string | undefined, Record<string, string>, string]>([
    ['without a body', undefined, {}, 'expired'],
    ['with JSON', '{"action":"force"}', { 'content-type': 'application/json' }, 'force'],
    ['with JSON and the content type that curl -d sends', '{"action":"force"}', form, 'force'],
    ['with an empty object', '{}', {}, 'expired'],
  ])('requested %s is passed on to the sidecar', async (_, body, headers, action) => {
    reply = (_request, response) => replyJson(response, { action, ...COUNTS });
    const answer = await ask({ method: 'POST', path: '/api/stream/cleanup', headers, body });
    expect(answer).toMatchObject({ status: 200, json: { action, ...COUNTS } });
    expect(JSON.parse(app.sidecar.requests[0]!.body)).toEqual({ action });
  });

  test.each<[string, ErrorCode]>([
    ['{"action":"everything"}', 'invalid_request'],
    ['action=force', 'malformed_json'],
  ])('is refused for %s', async (body, code) => {
    expectProblem(await ask({ method: 'POST', path: '/api/stream/cleanup', headers: form, body }), code);
    expect(app.sidecar.requests).toEqual([]);
  });
});

describe('conversations', () => {
  test('are changed and deleted at their own URLs, and one request can delete all of them', async () => {
    const summary = { chatId: 'c1', title: 'New', createdAt: '', updatedAt: '', stream: null, unread: false };
    reply = ({ method }, response) =>
      method === 'DELETE' ? void response.writeHead(204).end() : replyJson(response, summary);
    const patched = await ask({ method: 'PATCH', path: '/api/chats/c1', body: { title: ' New ' } });
    expect(patched).toMatchObject({ status: 200, json: summary });
    expect(JSON.parse(app.sidecar.requests[0]!.body)).toEqual({ title: 'New' });
    expect(await ask({ method: 'DELETE', path: '/api/chats/c1' })).toMatchObject({ status: 204 });
    expect(await ask({ method: 'DELETE', path: '/api/chats' })).toMatchObject({ status: 204 });
    expect(app.sidecar.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PATCH /chats/c1',
      'DELETE /chats/c1',
      'DELETE /chats',
    ]);
  });
});

describe('a sidecar', () => {
  test('that does not know the stream: the app passes its 404 on unchanged', async () => {
    const problem = {
      type: 'urn:rejoin:error:not_found',
      title: ERRORS.not_found.title,
      status: 404,
      code: 'not_found',
    };
    reply = (_, response) => replyJson(response, problem, 404);
    const answer = await ask({});
    expectProblem(answer, 'not_found');
    expect(answer.json).toEqual(problem);
  });

  test('that says when to try again: the app passes this on', async () => {
    const problem = { type: 'x', title: 'x', status: 503, code: 'store_unavailable' };
    reply = (_, response) => {
      response.setHeader('retry-after', '3');
      replyJson(response, problem, 503);
    };
    expect((await ask({})).headers.get('retry-after')).toBe('3');
  });

  test('that refuses the app itself: the caller gets sidecar_unreachable instead of the 401', async () => {
    const problem = { type: 'x', title: 'x', status: 401, code: 'unauthorized' };
    reply = (_, response) => replyJson(response, problem, 401);
    const answer = await ask({});
    expectProblem(answer, 'sidecar_unreachable');
    expect(answer.json.detail).toContain('SIDECAR_SECRET');
  });

  test('that answers with nonsense: the caller gets an error without the text of the response', async () => {
    reply = (_, response) => replyJson(response, { streamId: 7 });
    expectProblem(await ask({}), 'internal');
    reply = (_, response) => void response.writeHead(500).end('<h1>Error: secret</h1>');
    const answer = await ask({});
    expectProblem(answer, 'sidecar_unreachable');
    expect(answer.text).not.toContain('secret');
  });

  test('that is being restarted: the app waits for it', async () => {
    let refused = 0;
    reply = (_, response) => {
      if (refused++ < 2) response.socket!.resetAndDestroy();
      else replyJson(response, STATE);
    };
    expect(await ask({})).toMatchObject({ status: 200 });
    expect(refused).toBe(3);
  });
});
