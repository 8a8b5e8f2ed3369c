import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { token, unsignedToken } from '../../testing/tokens.ts';

let bed: TestBed;
let alice: Caller;
let streamId: string;
const chatId = 'chat-123';

beforeAll(async () => {
  bed = await openTestBed();
  alice = await createCaller(await bed.start());
  streamId = await alice.startStream({ chatId, messageId: 'm1', modelId: 'synthetic/2x20@0' });
  await alice.untilEnded(streamId);
});
afterAll(() => bed.close());

/** Endpoints that need a token. `isNamed`: the path names Alice's stream or chat, and a call by anybody else is answered with 404. */
const VERBS = [
  { name: 'start', method: 'POST', path: () => '/streams', isNamed: false },
  { name: 'the active streams', method: 'GET', path: () => '/streams', isNamed: false },
  { name: 'status', method: 'GET', path: () => `/streams/${streamId}`, isNamed: true },
  { name: 'events', method: 'GET', path: () => `/streams/${streamId}/events`, isNamed: true },
  { name: 'cancel', method: 'DELETE', path: () => `/streams/${streamId}`, isNamed: true },
  { name: 'cleanup', method: 'POST', path: () => '/cleanup', isNamed: false },
  { name: 'the models', method: 'GET', path: () => '/models', isNamed: false },
  { name: 'the chats', method: 'GET', path: () => '/chats', isNamed: false },
  { name: 'deleting all chats', method: 'DELETE', path: () => '/chats', isNamed: false },
  { name: 'a chat', method: 'GET', path: () => `/chats/${chatId}`, isNamed: true },
  { name: 'changing a chat', method: 'PATCH', path: () => `/chats/${chatId}`, isNamed: true },
  { name: 'deleting a chat', method: 'DELETE', path: () => `/chats/${chatId}`, isNamed: false },
  { name: 'forking a chat', method: 'POST', path: () => `/chats/${chatId}/forks`, isNamed: true },
  { name: 'the stream of a chat', method: 'GET', path: () => `/chats/${chatId}/stream`, isNamed: false },
];

const BODIES: Record<string, unknown> = {
  // The body for forking. The other POST endpoints are called only with bad tokens.
  POST: { forkId: 'mine', messageId: 'm1' },
  PATCH: { title: 'Mine now' },
};

const BAD_TOKENS: { name: string; make(): Promise<string | null> }[] = [
  { name: 'no token', make: async () => null },
  { name: 'an empty token', make: async () => '' },
  { name: 'a malformed token', make: async () => 'not.a-token' },
  { name: 'a token cut short', make: async () => alice.token.slice(0, -8) },
  { name: 'an expired token', make: () => token({ userId: alice.userId, expiresInSeconds: -1 }) },
  {
    name: 'a token signed with another secret',
    make: () => token({ userId: alice.userId, secret: 'not-the-secret-at-all' }),
  },
  { name: 'an unsigned token', make: async () => unsignedToken(alice.userId) },
  { name: 'a token for another audience', make: () => token({ userId: alice.userId, audience: 'app' }) },
  { name: 'a token that never expires', make: () => token({ userId: alice.userId, expiresInSeconds: null }) },
  { name: 'a token for an impossible user id', make: () => token({ userId: 'a b:c' }) },
];

describe.each(VERBS)('$name', ({ method, path }) => {
  test.each(BAD_TOKENS)('answers 401 to a request with $name', async ({ make }) => {
    const answer = await alice.call(method, path(), { token: await make(), body: BODIES[method] });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'unauthorized', status: 401 });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe.each(VERBS.filter(({ isNamed }) => isNamed))('$name', ({ method, path }) => {
  test("answers another person's token with the same 404 as for a missing stream or chat", async () => {
    const bob = await createCaller(alice);
    const theirs = await bob.call(method, path(), { body: BODIES[method] });
    const nobodys = await bob.call(method, path().replace(streamId, 'a'.repeat(26)).replace(chatId, 'never-was'), {
      body: BODIES[method],
    });
    expect(theirs.status).toBe(404);
    expect(theirs.body).toMatchObject({ code: 'not_found' });
    expect(theirs.text).toBe(nobodys.text);
    expect(theirs.headers.get('content-type')).toContain('application/problem+json');
  });
});

test("endpoints that do not answer 404 to other people show and delete only the caller's own data", async () => {
  const bob = await createCaller(alice);
  expect((await bob.call('GET', '/streams')).body).toEqual({ streams: [] });
  expect((await bob.call('GET', '/chats')).body).toEqual({ chats: [], pinned: [], next: null });
  expect((await bob.call('GET', `/chats/${chatId}/stream`)).status).toBe(204);
  expect((await bob.call('DELETE', '/chats')).status).toBe(204);
  expect((await bob.call('DELETE', `/chats/${chatId}`)).status).toBe(204);
  expect((await bob.cleanup('force')).body).toMatchObject({ scanned: 0, removed: 0 });
  expect((await alice.state(streamId)).status).toBe('completed');
  expect((await alice.chat(chatId)).messages).toHaveLength(2);
  expect((await alice.chat(chatId)).title).toBe('Hello');
});

test('a valid token is refused once it has expired', async () => {
  const short = await token({ userId: alice.userId, expiresInSeconds: 1 });
  expect((await alice.call('GET', '/streams', { token: short })).status).toBe(200);
  await expect
    .poll(async () => (await alice.call('GET', '/streams', { token: short })).status, { timeout: 3000 })
    .toBe(401);
});

test('the sidecar shows its health and its metrics to anybody, and the metrics contain no user ids', async () => {
  expect((await alice.call('GET', '/healthz', { token: null })).status).toBe(200);
  expect((await alice.call('GET', '/readyz', { token: null })).status).toBe(200);
  const metrics = await alice.call('GET', '/metrics', { token: null });
  expect(metrics.text).toContain('rejoin_generations 0');
  expect(metrics.text).not.toContain(alice.userId);
});

test('the sidecar never logs a token or a word of a conversation', async () => {
  const secretWords = newId('confidential');
  const id = await alice.startStream({ modelId: 'synthetic/2x60@0', text: secretWords });
  await alice.untilEnded(id);
  const logged = JSON.stringify(bed.log.all);
  expect(logged).toContain(id);
  expect(logged).not.toContain(secretWords);
  expect(logged).not.toContain(alice.token);
  expect(logged).not.toContain('while the reader');
});
