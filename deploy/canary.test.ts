import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { follow, followToTheEnd } from '../testing/follow.ts';
import type { ProviderServer } from '../sidecar/models/testing/provider-server.ts';
import { createCaller, newId, startBody, type Caller } from '../testing/caller.ts';
import { eventually } from '../testing/eventually.ts';
import { readFigures } from '../testing/figures.ts';
import type { SidecarProcess } from '../testing/test-bed.ts';
import { startCanaryModel, type CanaryModel } from './testing/canary-model.ts';
import { startCollector, type Collector } from './testing/collector.ts';
import { openPair, type Pair } from './testing/pair.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** Unique words: one written by a person, one by a model, one in a token, one in the name of a person. */
const [ASKED, ANSWERED, TOKEN, NAME] = ['asked', 'answered', 'token', 'name'].map(
  (of) => `canary${of}${randomBytes(8).toString('hex')}`,
) as [string, string, string, string];
/** A test that makes an invite adds the token of the invite. */
const CANARIES = [ASKED, ANSWERED, TOKEN, NAME];
/** Secrets in URLs of public pages. Not even the Redis keys that store conversations contain them. */
const SECRETS: string[] = [];
/** The Redis keys that store conversations, answers and public pages. Only these keys may contain the words in {@link CANARIES}. */
const KEPT = /^(stream:|\{stream:|chat:|\{chat:|share:)/;

let collector: Collector;
let model: ProviderServer;
let pair: Pair;
let other: SidecarProcess;
let caller: Caller;
let atApp: Caller;
/** `keys`: number of keys that do not match {@link KEPT} and were searched for the words. */
const seen = { keys: 0 };

beforeAll(async () => {
  collector = await startCollector();
  model = await startCanaryModel({ canary: ANSWERED });
  pair = await openPair({
    LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OPENAI_COMPATIBLE_BASE_URL: `${model.url}/v1`,
    OPENAI_COMPATIBLE_MODELS: 'answers,goes-on',
    ALLOW_UNLISTED_MODELS: '1',
    STALL_TIMEOUT_MS: '1500',
    DRAIN_MS: '100',
  });
  other = await pair.bed.spawn();
  caller = await createCaller(pair.sidecar);
  atApp = caller.at(pair.app);
});
afterAll(async () => {
  await pair?.close();
  await model?.stop();
  await collector?.stop();
});

const bodyFor = (name: CanaryModel, more: Record<string, unknown> = {}) =>
  startBody({ modelId: `local/${name}`, text: `Repeat: ${ASKED}`, instructions: `Say ${ASKED}`, ...more });

async function start(name: CanaryModel, more?: Record<string, unknown>): Promise<string> {
  const { status, body } = await atApp.call('POST', '/api/stream/start', { body: bodyFor(name, more) });
  expect([status, body.code]).toEqual([201, undefined]);
  return body.streamId as string;
}

const headers = () => ({ authorization: `Bearer ${caller.token}` });
const resumeUrl = (streamId: string) => `${pair.app.url}/api/stream/resume/${streamId}`;

/** Fails if a key that does not store conversations contains one of the words, or if any key contains one of the secrets. */
async function lookIntoRedis(): Promise<void> {
  const { db } = pair.bed;
  for await (const batch of db.scanIterator({ COUNT: 1000 })) {
    for (const key of batch) {
      const forbidden = KEPT.test(key) ? SECRETS : [...CANARIES, ...SECRETS];
      const dumped = (await db.sendCommand(['DUMP', key])) as unknown as string | null;
      const whole = `${key} ${dumped} ${await textOf(key)}`;
      expect([key, forbidden.filter((canary) => whole.includes(canary))]).toEqual([key, []]);
      if (!KEPT.test(key)) seen.keys += 1;
    }
  }
}

async function textOf(key: string): Promise<string> {
  const { db } = pair.bed;
  switch (await db.type(key)) {
    case 'string':
      return String(await db.get(key));
    case 'hash':
      return JSON.stringify(await db.hGetAll(key));
    case 'set':
      return JSON.stringify(await db.sMembers(key));
    case 'zset':
      return JSON.stringify(await db.zRange(key, 0, -1));
    default:
      return '';
  }
}

describe('no log, metric or trace contains the texts of people or models', () => {
  test('when a question is sent, its answer is read as events and as text, and the chat is listed and renamed', async () => {
    const chatId = newId('chat');
    const streamId = await start('answers', { chatId });
    const whole = await followToTheEnd(resumeUrl(streamId), { headers: headers() });
    expect(whole.toString()).toContain(ANSWERED);
    const firstId = /id: (\S+)/.exec(whole.toString())![1]!;
    expect((await follow(resumeUrl(streamId), { headers: headers(), lastEventId: firstId })).isDone).toBe(true);
    const text = await fetch(resumeUrl(streamId), { headers: { ...headers(), accept: 'text/plain' } });
    expect(await text.text()).toContain(ANSWERED);
    for (const path of [`stream/status/${streamId}`, 'stream/active', 'chats', 'models'])
      expect([path, (await atApp.call('GET', `/api/${path}`)).status]).toEqual([path, 200]);

    const renamed = await atApp.call('PATCH', `/api/chats/${chatId}`, { body: { title: `About ${ASKED}` } });
    expect(renamed.text).toContain(ASKED);
    expect((await atApp.call('GET', `/api/chats/${chatId}`)).text).toContain(ANSWERED);
    const stock = { id: newId('chat'), messages: [{ id: 'q1', role: 'user', parts: [{ type: 'text', text: ASKED }] }] };
    expect((await atApp.call('POST', '/api/chat', { body: { ...stock, modelId: 'local/answers' } })).text).toContain(
      ANSWERED,
    );
    expect((await atApp.call('POST', '/api/stream', { body: bodyFor('answers') })).text).toContain(ANSWERED);
  });

  test('when texts are sent by a form, shown as a page and exported as a file', async () => {
    const begun = await fetch(pair.app.url, { headers: { accept: 'text/html' } });
    const cookie = begun.headers
      .getSetCookie()
      .map((set) => set.split(';')[0])
      .join('; ');
    const form = new URLSearchParams({
      intent: 'send',
      text: `Repeat: ${ASKED}`,
      modelId: 'local/answers',
      messageId: newId('m'),
    });
    const sent = await fetch(`${pair.app.url}/?index`, {
      method: 'POST',
      headers: { cookie, origin: pair.app.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
      redirect: 'manual',
    });
    const page = new URL(sent.headers.get('location') ?? '/', pair.app.url);
    await eventually('the page has the answer', async () =>
      (await (await fetch(page, { headers: { cookie } })).text()).includes(ANSWERED),
    );
    const exported = await fetch(`${page.origin}${page.pathname}/export?format=md`, { headers: { cookie } });
    expect(await exported.text()).toContain(ANSWERED);
    expect(await (await fetch(`${page.origin}/export`, { headers: { cookie } })).text()).toContain(ASKED);
  });

  test('when a chat is shared, and its pages are read, copied, changed and revoked', async () => {
    const chatId = newId('chat');
    await caller.untilEnded(await start('answers', { chatId }));
    const going = newId('chat');
    const streamId = await start('goes-on', { chatId: going });
    for (const [shared, mode] of [
      [chatId, 'snapshot'],
      [going, 'live'],
    ] as const) {
      const body = { mode, copy: true, title: `About ${ASKED}` };
      const made = await atApp.call<{ url: string }>('POST', `/api/chats/${shared}/shares`, { body });
      expect(made.status).toBe(201);
      const { pathname } = new URL(made.body.url);
      const secret = pathname.slice('/s/'.length);
      SECRETS.push(secret);
      const url = pair.app.url + pathname;
      const page = await fetch(url);
      const first = await page.body!.getReader().read();
      expect([page.status, Buffer.from(first.value!).toString().includes('<html')]).toEqual([200, true]);
      for (const path of ['.md', '.json', '.data', '?format=md', '/copy', `x`, `/${secret}`])
        expect((await fetch(url + path, { redirect: 'manual' })).status).toBeLessThan(500);
      const form = {
        method: 'POST',
        body: new URLSearchParams({ tag: 'another', fresh: 'f' }),
        headers: { origin: pair.app.url },
      };
      expect((await fetch(`${url}/copy`, form)).status).toBe(409);
      expect((await fetch(`${url}/copy`, { ...form, headers: { origin: 'null' } })).status).toBe(403);
      expect((await atApp.call('GET', `/api/shares/${secret}`)).status).toBe(200);
      expect((await atApp.call('PATCH', `/api/shares/${secret}`, { body: { expiresIn: 500 } })).status).toBe(200);
      expect((await atApp.call('DELETE', `/api/shares/${secret}`)).status).toBe(204);
      expect((await fetch(url)).status).toBe(404);
    }
    await caller.cancel(streamId);
    const kept = await atApp.call<{ url: string }>('POST', `/api/chats/${chatId}/shares`, { body: {} });
    SECRETS.push(new URL(kept.body.url).pathname.slice('/s/'.length));
    await lookIntoRedis();
  });

  test('when a person invites another one, who looks at the invite, joins by a form, and is removed', async () => {
    const chatId = newId('chat');
    await caller.untilEnded(await start('answers', { chatId }));
    const made = await atApp.call('POST', `/api/chats/${chatId}/invites`, { body: { name: `Owner ${NAME}` } });
    expect([made.status, made.body.code]).toEqual([201, undefined]);
    const { pathname } = new URL(made.body.url as string);
    CANARIES.push(pathname.split('/').at(-1)!);
    const html = { headers: { accept: 'text/html' } };
    const looked = await fetch(pair.app.url + pathname, html);
    expect(await looked.text()).toContain(NAME);
    const cookie = looked.headers
      .getSetCookie()
      .map((set) => set.split(';')[0])
      .join('; ');
    const asked = [
      looked,
      await fetch(pair.app.url + pathname, { ...html, method: 'HEAD' }),
      await fetch(`${pair.app.url + pathname}.data`),
      await fetch(`${pair.app.url + pathname}/more`, html),
      await fetch(pair.app.url + pathname, {
        method: 'POST',
        headers: { cookie, origin: pair.app.url, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ name: `Guest ${NAME}` }),
        redirect: 'manual',
      }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200, 404, 303]);
    for (const { headers: sent } of asked)
      expect([sent.get('referrer-policy'), sent.get('cache-control')]).toEqual(['no-referrer', 'no-store']);
    const said = { messageId: newId('said'), text: `Said: ${ASKED}` };
    expect((await atApp.call('POST', `/api/chats/${chatId}/say`, { body: said })).status).toBe(201);
    const room = asked.at(-1)!.headers.get('location')!;
    const page = await (await fetch(pair.app.url + room, { headers: { cookie, accept: 'text/html' } })).text();
    expect([page.includes(NAME), page.includes(said.text)]).toEqual([true, true]);
    const { members } = (await atApp.call('GET', `/api/chats/${chatId}/members`)).body as {
      members: { userId: string; name: string }[];
    };
    expect(members.map(({ name }) => name)).toEqual([`Owner ${NAME}`, `Guest ${NAME}`]);
    const path = `/api/chats/${chatId}/members/${encodeURIComponent(members[1]!.userId)}`;
    expect((await atApp.call('DELETE', path)).status).toBe(204);
    expect((await fetch(pair.app.url + room, { headers: { cookie, accept: 'text/html' } })).status).toBe(404);
    await lookIntoRedis();
  });

  test('when texts are in the query of a URL, or in a path that does not exist', async () => {
    const page = { headers: { accept: 'text/html' } };
    const asked = encodeURIComponent(`Repeat: ${ASKED}`);
    const queries = [
      `/plain?question=${asked}`,
      `/?q=${asked}`,
      `/?__clerk_handshake=${TOKEN}`,
      `/settings.data?q=${asked}`,
    ];
    for (const path of [
      ...queries,
      `/api/stream/resume/s1?after=${TOKEN}`,
      `/favicon.ico?${ASKED}`,
      `/chat/c1/export?format=${ASKED}`,
    ])
      expect((await fetch(pair.app.url + path, page)).status).toBeLessThan(500);
    for (const path of [
      `/search/${asked}`,
      `/chat/${ASKED} ${ASKED}`,
      `/sign-in/${TOKEN}`,
      `/api/${ASKED}`,
      `/%${ASKED}`,
    ])
      expect((await fetch(pair.app.url + path, page)).status).toBeLessThan(500);
  });

  test('when an answer is stopped, and when the model fails at once, fails in the middle, breaks off or falls silent', async () => {
    const going = await start('goes-on');
    await follow(resumeUrl(going), { headers: headers(), leaveAfterBytes: 500 });
    expect((await atApp.call('DELETE', `/api/stream/cancel/${going}`)).body.status).toBe('cancelled');
    const failing = ['fails-at-once', 'fails-in-the-middle', 'breaks-off', 'falls-silent'] as const;
    await Promise.all(
      failing.map(async (name) =>
        expect([name, (await caller.untilEnded(await start(name))).status]).toEqual([name, 'error']),
      ),
    );
  });

  test('when a request is refused because it is malformed, too large or has no valid token', async () => {
    const valid = bodyFor('answers');
    const tooLarge = JSON.stringify({ ...valid, instructions: ASKED.repeat(100_000) });
    const refused: { raw?: string; body?: unknown; status: number }[] = [
      { raw: `{"messages": "${ASKED}`, status: 400 },
      { raw: ASKED, status: 400 },
      { body: ASKED, status: 400 },
      { body: { ...valid, chatId: `${ASKED} ${ASKED}` }, status: 400 },
      { body: { ...valid, modelId: `unknown/${ASKED}` }, status: 400 },
      { body: { ...valid, messages: [{ role: ASKED, content: ASKED }] }, status: 400 },
      { body: { ...valid, messages: [{ role: 'system', content: ASKED }] }, status: 400 },
      { body: { ...valid, messages: { [ASKED]: ASKED } }, status: 400 },
      { body: { ...valid, instructions: [ASKED] }, status: 400 },
      { raw: tooLarge, status: 413 },
    ];
    for (const { status, ...request } of refused) {
      expect((await atApp.call('POST', '/api/stream/start', request)).status).toBe(status);
      expect((await caller.call('POST', '/streams', request)).status).toBe(status);
    }
    expect((await atApp.call('PATCH', '/api/chats/none', { body: { title: [ASKED] } })).status).toBe(400);

    for (const token of [TOKEN, `${caller.token}${TOKEN}`, `a.${TOKEN}.b`]) {
      expect((await atApp.call('GET', '/api/stream/active', { token })).status).toBe(401);
      expect((await caller.call('GET', '/streams', { token })).status).toBe(401);
    }
    const cookie = `rejoin_guest=${TOKEN}; __session=${TOKEN}`;
    expect((await atApp.call('GET', '/api/stream/active', { token: null, headers: { cookie } })).status).toBeLessThan(
      500,
    );
    const lastEventId = { 'last-event-id': ASKED };
    const streamId = await start('answers');
    for (const [at, path] of [
      [atApp, `/api/stream/resume/${streamId}`],
      [caller, `/streams/${streamId}/events`],
    ] as const)
      expect((await at.call('GET', path, { headers: { accept: 'text/event-stream', ...lastEventId } })).status).toBe(
        400,
      );
    const odd = { 'x-request-id': `${ASKED} <script>`, traceparent: ASKED };
    expect((await atApp.call('GET', '/api/stream/active', { headers: odd })).headers.get('x-request-id')).not.toContain(
      ASKED,
    );
  });

  test('when another sidecar continues an answer after the one that wrote it was killed', async () => {
    const streamId = await caller.at(other).startStream({ ...bodyFor('goes-on') });
    await follow(`${other.url}/streams/${streamId}/events`, { headers: headers(), leaveAfterBytes: 500 });
    await other.kill('SIGKILL');
    await eventually('the takeover', () => pair.sidecar.log.of('stream.recovered', streamId).length === 1);
    const { bytes } = await caller.state(streamId);
    await eventually('more is written', async () => (await caller.state(streamId)).bytes > bytes);
    expect((await atApp.call('DELETE', `/api/stream/cancel/${streamId}`)).body.status).toBe('cancelled');
  });

  test('and Redis has these texts only in the keys of conversations, streams and public pages', async () => {
    // The analytics are written every few seconds.
    await eventually('the analytics', async () => (await pair.bed.db.keys('rejoin:analytics:*')).length > 0);
    await lookIntoRedis();
  });

  test('when Redis is killed during an answer, and when it comes back empty', async () => {
    const streamId = await start('goes-on');
    await follow(resumeUrl(streamId), { headers: headers(), leaveAfterBytes: 500 });
    await pair.bed.redis.kill();
    await eventually('a new stream is refused', async () => {
      const { status } = await atApp.call('POST', '/api/stream/start', { body: bodyFor('answers') });
      return status === 503;
    });
    await pair.bed.redis.restart();
    await eventually('the rewrite', () => pair.sidecar.log.of('stream.rewritten', streamId).length === 1, {
      withinMs: 30_000,
    });
    await eventually('the cancel', async () => (await caller.cancel(streamId)).body.status === 'cancelled');
    await lookIntoRedis();
  });

  test('as a search of all logs, metrics and spans of the tests above shows', async () => {
    const figures = (await readFigures(pair.sidecar)).text;
    await pair.sidecar.kill('SIGTERM');
    const sources = {
      'the log of the sidecar': pair.sidecar.output,
      'the log of the sidecar that was killed': other.output,
      'the log of the app': pair.app.output,
      '/metrics': figures,
      spans: collector.received,
    };
    for (const [source, text] of Object.entries(sources)) {
      expect([source, text.length > 200]).toEqual([source, true]);
      const found = text
        .split('\n')
        .filter((line) => [...CANARIES, ...SECRETS].some((canary) => line.includes(canary)));
      expect([source, found]).toEqual([source, []]);
    }
    expect(seen.keys).toBeGreaterThan(0);
    // The search proves nothing about an event that was never logged, so the logs must contain these events of streams.
    const events = new Set(pair.bed.log.all.map(({ event }) => event));
    const lives = ['started', 'resumed', 'completed', 'error', 'cancelled', 'recovered', 'stalled', 'rewritten'];
    expect(lives.filter((life) => !events.has(`stream.${life}`))).toEqual([]);
  });
});
