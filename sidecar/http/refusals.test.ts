import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UnauthorizedReason } from '../../shared/token.ts';
import { createCaller, startBody, type Caller } from '../../testing/caller.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { SECRET, token, unsignedToken } from '../../testing/tokens.ts';

const MODEL = 'synthetic/2x20@0';
const ENDLESS = 'synthetic/5000x20@50';

let bed: TestBed;
let sidecar: TestSidecar;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_READERS_PER_STREAM: '1', MAX_ACTIVE_STREAMS_PER_USER: '2' } });
  sidecar = await bed.start();
});
beforeEach(async () => {
  caller = await createCaller(sidecar);
});
afterAll(() => bed.close());

const bearer = async (make: Promise<string> | string) => `Bearer ${await make}`;
const withoutSubject = () =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('sidecar')
    .setExpirationTime('1h')
    .sign(Buffer.from(SECRET));

describe('a request without a valid token', () => {
  const CAUSES: { what: string; reason: UnauthorizedReason; header: () => Promise<string> | undefined }[] = [
    { what: 'no Authorization header', reason: 'missing', header: () => undefined },
    { what: 'Basic credentials', reason: 'not_bearer', header: async () => 'Basic YTpi' },
    { what: 'two tokens', reason: 'malformed', header: async () => 'Bearer a, Bearer b' },
    { what: 'a token that is not a JWT', reason: 'malformed', header: () => bearer('not.a-token') },
    {
      what: 'a JWT signed with another secret',
      reason: 'signature',
      header: () => bearer(token({ secret: 'another-secret-indeed' })),
    },
    { what: 'an unsigned JWT', reason: 'signature', header: () => bearer(unsignedToken('alice')) },
    { what: 'an expired JWT', reason: 'expired', header: () => bearer(token({ expiresInSeconds: -1 })) },
    { what: 'a JWT for another audience', reason: 'audience', header: () => bearer(token({ audience: 'app' })) },
    { what: 'a JWT that never expires', reason: 'claims', header: () => bearer(token({ expiresInSeconds: null })) },
    { what: 'a JWT without a user', reason: 'claims', header: () => bearer(withoutSubject()) },
    { what: 'a JWT with an impossible user id', reason: 'claims', header: () => bearer(token({ userId: 'a b:c' })) },
  ];

  test.each(CAUSES)('($what) gets 401, and is logged and counted as $reason', async ({ reason, header }) => {
    const authorization = await header();
    const before = await count(reason);
    const answer = await caller.call('GET', '/streams', {
      token: null,
      headers: authorization ? { authorization } : {},
    });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    const challenge = answer.headers.get('www-authenticate');
    const hasToken = reason !== 'missing' && reason !== 'not_bearer';
    expect(challenge).toMatch(hasToken ? /^Bearer realm="rejoin", error="invalid_token", / : /^Bearer realm="rejoin"$/);
    expect(await count(reason)).toBe(before + 1);
    const line = sidecar.log.of('request.unauthorized').at(-1)!;
    expect(line).toMatchObject({
      reason,
      method: 'GET',
      route: '/streams',
      requestId: answer.headers.get('x-request-id'),
    });
    expect(JSON.stringify(line)).not.toContain(authorization?.split(' ')[1] ?? 'Bearer');
  });

  test('gets a different text for each reason', async () => {
    const details = new Map<UnauthorizedReason, string>();
    for (const { reason, header } of CAUSES) {
      const authorization = await header();
      const { body } = await caller.call<{ detail: string }>('GET', '/models', {
        token: null,
        headers: authorization ? { authorization } : {},
      });
      details.set(reason, body.detail);
    }
    expect(new Set(details.values()).size).toBe(details.size);
  });

  async function count(reason: string): Promise<number> {
    const { text } = await caller.call('GET', '/metrics', { token: null });
    return Number(new RegExp(`^rejoin_unauthorized_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(text)![1]);
  }
});

describe('a method that a path does not support', () => {
  test.each([
    ['PUT', '/streams', 'GET, HEAD, POST'],
    ['PATCH', '/streams/abc', 'DELETE, GET, HEAD'],
    ['POST', '/streams/abc/events', 'GET'],
    ['HEAD', '/streams/abc/events', 'GET'],
    ['GET', '/cleanup', 'POST'],
    ['POST', '/chats/c1', 'DELETE, GET, HEAD, PATCH'],
    ['DELETE', '/healthz', 'GET, HEAD'],
    ['OPTIONS', '/models', 'GET, HEAD'],
  ])('(%s %s) is refused with 405 and the supported methods', async (method, path, allow) => {
    const answer = await caller.call(method, path, { token: null });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
    if (method !== 'HEAD') expect(answer.body).toMatchObject({ code: 'method_not_allowed', detail: `Use ${allow}.` });
  });

  test('is refused with 404 if the path is unknown', async () => {
    expect((await caller.call('PUT', '/nowhere')).status).toBe(404);
  });
});

test('a path works with and without the version in front of it', async () => {
  const first = await caller.call('POST', '/v1/streams', {
    body: startBody({ chatId: 'v1', messageId: 'm1', modelId: MODEL }),
  });
  expect(first.status).toBe(201);
  const path = `/streams/${String(first.body.streamId)}`;
  expect((await caller.call('GET', path)).body.streamId).toBe(first.body.streamId);
  expect((await caller.call('GET', `/v1${path}`)).body.streamId).toBe(first.body.streamId);
  expect((await caller.call('GET', '/v1/healthz', { token: null })).status).toBe(200);
  expect((await caller.call('PUT', '/v1/streams')).headers.get('allow')).toBe('GET, HEAD, POST');
  expect((await caller.call('GET', `/v2${path}`)).status).toBe(404);
});

describe('a body', () => {
  const start = (headers: Record<string, string>, raw?: string) =>
    caller.call('POST', '/streams', { raw: raw ?? JSON.stringify(startBody({ modelId: MODEL })), headers });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/problem+json',
    // The content types that curl -d and fetch set by themselves.
    'application/x-www-form-urlencoded',
    'text/plain;charset=UTF-8',
  ])('of JSON is read if its content type is %s', async (type) => {
    expect((await start({ 'content-type': type })).status).toBe(201);
  });

  test.each([
    'application/xml',
    'text/html',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'image/png',
  ])('with the content type %s is refused with 415, even if it contains JSON', async (type) => {
    const answer = await start({ 'content-type': type });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect(answer.headers.get('accept')).toBe('application/json');
  });

  test('that is compressed is refused with 415', async () => {
    const answer = await start({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect(answer.headers.get('accept-encoding')).toBe('identity');
  });
});

describe('a request beyond a limit', () => {
  test('gets 429, and headers with the limit and the time to wait', async () => {
    const started = [await caller.start({ modelId: ENDLESS }), await caller.start({ modelId: ENDLESS })];
    const refused = await caller.start({ modelId: ENDLESS });
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_streams' } });
    expectLimit(refused.headers, 2);

    const abort = new AbortController();
    const path = `/streams/${started[0]!.body.streamId}/events`;
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${caller.token}` };
    await fetch(caller.url + path, { headers, signal: abort.signal });
    const second = await caller.call('GET', path, { headers });
    expect(second).toMatchObject({ status: 429, body: { code: 'too_many_readers' } });
    expectLimit(second.headers, 1);
    abort.abort();
    for (const { body } of started) await caller.cancel(body.streamId);
  });

  function expectLimit(headers: Headers, limit: number): void {
    const seconds = headers.get('retry-after');
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(headers.get('ratelimit-limit')).toBe(String(limit));
    expect(headers.get('ratelimit-remaining')).toBe('0');
    expect(headers.get('ratelimit-reset')).toBe(seconds);
  }
});
