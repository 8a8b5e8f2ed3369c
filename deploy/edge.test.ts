import { readdirSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../scripts/launch/ports.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { answersHttp } from '../scripts/shared/wait.ts';
import { createCaller, newId, startBody } from '../testing/caller.ts';
import { postEndlessly } from '../testing/endless-post.ts';
import { startProcess, type TestProcess } from '../testing/process.ts';
import { openPair, type Pair } from './testing/pair.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

/**
 * Every route module with one of its paths. `:chat` stands for the id of a chat with one finished answer, `:stream` for the id of
 * that answer's stream, and `:token` for the token of an invite to the chat.
 */
const ROUTES: Record<string, { path: string; kind: 'page' | 'resource' }> = {
  '_chat.$.tsx': { path: '/no/such/page', kind: 'page' },
  '_chat._index.tsx': { path: '/', kind: 'page' },
  '_chat.admin.tsx': { path: '/admin', kind: 'page' },
  '_chat.archive.tsx': { path: '/archive', kind: 'page' },
  '_chat.chat.$chatId.tsx': { path: '/chat/:chat', kind: 'page' },
  '_chat.chat.$chatId_.manage.tsx': { path: '/chat/:chat/manage', kind: 'page' },
  '_chat.chat.$chatId_.people.tsx': { path: '/chat/:chat/people', kind: 'page' },
  '_chat.chat.$chatId_.share.tsx': { path: '/chat/:chat/share', kind: 'page' },
  '_chat.join.$token.tsx': { path: '/join/:token', kind: 'page' },
  '_chat.search.tsx': { path: '/search?q=x', kind: 'page' },
  '_chat.settings.tsx': { path: '/settings', kind: 'page' },
  '_chat.settings_.shares.tsx': { path: '/settings/shares', kind: 'page' },
  '_chat.tsx': { path: '/?q=x', kind: 'page' },
  '_chat.templates.$templateId.tsx': { path: '/templates/summarize', kind: 'page' },
  '_chat.templates.$templateId_.edit.tsx': { path: '/templates/t1/edit', kind: 'page' },
  '_chat.templates._index.tsx': { path: '/templates', kind: 'page' },
  '_chat.templates.new.tsx': { path: '/templates/new', kind: 'page' },
  'admin.analytics[.]json.ts': { path: '/admin/analytics.json', kind: 'resource' },
  'admin.claim.ts': { path: '/admin/claim?token=x', kind: 'resource' },
  'admin.read.ts': { path: '/admin/read', kind: 'resource' },
  'admin.streams[.]json.ts': { path: '/admin/streams.json', kind: 'resource' },
  'api.$.ts': { path: '/api/nothing/here', kind: 'resource' },
  'api.chat.$chatId.stream.ts': { path: '/api/chat/:chat/stream', kind: 'resource' },
  'api.chat.ts': { path: '/api/chat', kind: 'resource' },
  'api.chats.$chatId.events.ts': { path: '/api/chats/no-room/events', kind: 'resource' },
  'api.chats.$chatId.forks.ts': { path: '/api/chats/:chat/forks', kind: 'resource' },
  'api.chats.$chatId.invites.$inviteId.ts': { path: '/api/chats/:chat/invites/i1', kind: 'resource' },
  'api.chats.$chatId.invites.ts': { path: '/api/chats/:chat/invites', kind: 'resource' },
  'api.chats.$chatId.members.$userId.ts': { path: '/api/chats/:chat/members/u1', kind: 'resource' },
  'api.chats.$chatId.members.ts': { path: '/api/chats/:chat/members', kind: 'resource' },
  'api.chats.$chatId.messages.ts': { path: '/api/chats/:chat/messages', kind: 'resource' },
  'api.chats.$chatId.presence.ts': { path: '/api/chats/:chat/presence', kind: 'resource' },
  'api.chats.$chatId.queue.$messageId.ts': { path: '/api/chats/:chat/queue/m1', kind: 'resource' },
  'api.chats.$chatId.queue.ts': { path: '/api/chats/:chat/queue', kind: 'resource' },
  'api.chats.$chatId.say.ts': { path: '/api/chats/:chat/say', kind: 'resource' },
  'api.chats.$chatId.shares.ts': { path: '/api/chats/:chat/shares', kind: 'resource' },
  'api.chats.$chatId.ts': { path: '/api/chats/:chat', kind: 'resource' },
  'api.chats.ts': { path: '/api/chats', kind: 'resource' },
  'api.models.ts': { path: '/api/models', kind: 'resource' },
  'api.rooms.ts': { path: '/api/rooms', kind: 'resource' },
  'api.search.ts': { path: '/api/search?q=x', kind: 'resource' },
  'api.shares.$shareId.ts': { path: '/api/shares/s1', kind: 'resource' },
  'api.shares.ts': { path: '/api/shares', kind: 'resource' },
  'api.stream.active.ts': { path: '/api/stream/active', kind: 'resource' },
  'api.stream.cancel.$streamId.ts': { path: '/api/stream/cancel/:stream', kind: 'resource' },
  'api.stream.cleanup.ts': { path: '/api/stream/cleanup', kind: 'resource' },
  'api.stream.resume.$streamId.ts': { path: '/api/stream/resume/:stream', kind: 'resource' },
  'api.stream.start.ts': { path: '/api/stream/start', kind: 'resource' },
  'api.stream.status.$streamId.ts': { path: '/api/stream/status/:stream', kind: 'resource' },
  'api.stream.ts': { path: '/api/stream', kind: 'resource' },
  'api.templates.$templateId.preview.ts': { path: '/api/templates/summarize/preview', kind: 'resource' },
  'api.templates.$templateId.ts': { path: '/api/templates/summarize', kind: 'resource' },
  'api.templates.export.ts': { path: '/api/templates/export', kind: 'resource' },
  'api.templates.import.ts': { path: '/api/templates/import', kind: 'resource' },
  'api.templates.ts': { path: '/api/templates', kind: 'resource' },
  'chat.$chatId.export.ts': { path: '/chat/:chat/export?format=json', kind: 'resource' },
  'chat.$chatId.live.$streamId.ts': { path: '/chat/:chat/live/:stream', kind: 'resource' },
  'export.ts': { path: '/export', kind: 'resource' },
  'healthz.ts': { path: '/healthz', kind: 'resource' },
  'plain.tsx': { path: '/plain', kind: 'page' },
  'readyz.ts': { path: '/readyz', kind: 'resource' },
  's.$secret.copy.ts': { path: '/s/unknown/copy', kind: 'resource' },
  's.$secret.ts': { path: '/s/unknown', kind: 'resource' },
  'sign-in.$.tsx': { path: '/sign-in/factor-one', kind: 'page' },
};
const MIB = 1024 * 1024;
const TYPES = [
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json',
  'text/plain',
];

let pair: Pair;
let cookie: string;
const ids = { chat: newId('chat'), stream: '', token: '' };

beforeAll(async () => {
  pair = await openPair();
  const begun = await fetch(pair.app.url);
  cookie = begun.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ');
  const caller = (await createCaller(pair.sidecar)).at(pair.app);
  const { status, body } = await caller.call<{ streamId: string }>('POST', '/api/stream/start', {
    token: null,
    headers: { cookie, origin: pair.app.url },
    body: startBody({ chatId: ids.chat, modelId: 'synthetic/3x20@0' }),
  });
  expect(status).toBe(201);
  ids.stream = body.streamId;
  const invite = await caller.call<{ url: string }>('POST', `/api/chats/${ids.chat}/invites`, {
    token: null,
    headers: { cookie, origin: pair.app.url },
    body: { name: 'Ana' },
  });
  expect(invite.status).toBe(201);
  ids.token = new URL(invite.body.url).pathname.slice('/join/'.length);
  const template = await caller.call('POST', '/api/templates', {
    token: null,
    headers: { cookie, origin: pair.app.url },
    body: { id: 't1', name: 'T', command: 't', message: 'Hello' },
  });
  expect(template.status).toBe(201);
  await vi.waitUntil(async () => (await get(`/api/stream/status/${ids.stream}`)).body.includes('completed'), {
    timeout: 30_000,
    interval: 100,
  });
});
afterAll(() => pair?.close());

const addressOf = (path: string) =>
  path.replace(':chat', ids.chat).replace(':stream', ids.stream).replace(':token', ids.token);
const routes = Object.entries(ROUTES).map(([file, route]) => ({ file, ...route }));

interface Got {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}
/** Sends a request exactly as written: no client normalizes its path. */
async function get(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Got> {
  const { port } = new URL(pair.app.url);
  const request = http
    .request({ port, host: '127.0.0.1', path, method, headers: { cookie, ...headers }, agent: false })
    .end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode!, headers: response.headers, body: await text(response) };
}

/**
 * Fails unless the Content-Security-Policy is a sandbox, or allows only scripts with a nonce. The response must also have `nosniff`
 * and, if it may have a body, a content type. Only a response with a nonce in its policy may be HTML, XML or SVG.
 */
function expectHarmless({ status, headers }: Got, what: string): void {
  const policy = String(headers['content-security-policy']);
  expect(headers['x-content-type-options'], what).toBe('nosniff');
  expect(policy, what).toMatch(/^sandbox;|'nonce-/);
  if (status !== 204 && status !== 304) expect(headers['content-type'], what).toBeTruthy();
  const mayBePage = /'nonce-/.test(policy);
  if (!mayBePage) expect(headers['content-type'] ?? '', what).not.toMatch(/html|xml|svg/);
}

test('the table has a row for each route module, with the kind `page` if the module renders a page', () => {
  const files = readdirSync(inRoot('app/routes')).filter((name) => !/\.test\.tsx?$/.test(name));
  expect(Object.keys(ROUTES).sort()).toEqual(files.sort());
  for (const { file, kind } of routes) {
    const rendersPage = /^export default /m.test(readFileSync(inRoot(`app/routes/${file}`), 'utf8'));
    expect([file, kind]).toEqual([file, rendersPage ? 'page' : 'resource']);
  }
});

const withSuffix = (path: string, suffix: string) =>
  path.replace(/^([^?]*)/, (whole) => (whole === '/' && suffix === '.data' ? '/_root.data' : whole + suffix));
const oddCase = (path: string) => path.replace(/^\/[a-z]+/, (start) => start.toUpperCase());
/** Forms of a path that a router may treat as the same path: with a suffix, in another case, or encoded. */
const FORMS: Record<string, (path: string) => string> = {
  plain: (path) => path,
  'as data': (path) => withSuffix(path, '.data'),
  'as data in capitals': (path) => withSuffix(path, '.DATA'),
  'as data after a slash': (path) => withSuffix(path, '/.data'),
  'as data of an older Remix': (path) =>
    `${path}${path.includes('?') ? '&' : '?'}_data=routes%2Fapi.stream.resume.%24streamId`,
  'with a slash at the end': (path) => withSuffix(path, path === '/' ? '' : '/'),
  'in odd case': oddCase,
  'in odd case, as data': (path) => oddCase(withSuffix(path, '.data')),
  'with a part that is encoded': (path) =>
    path.replace(/^\/([a-z])/, (_, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`),
};

describe.each(Object.keys(FORMS))('every route, %s,', (form) => {
  test.each(['GET', 'HEAD', 'OPTIONS'])(
    'answers %s with a content type and a policy against injected scripts',
    async (method) => {
      for (const { path, kind, file } of routes) {
        const address = FORMS[form]!(addressOf(path));
        for (const accept of ['*/*', 'text/html,application/xhtml+xml', 'text/event-stream']) {
          const got = await get(address, { method, headers: { accept } });
          expectHarmless(got, `${file}: ${method} ${address}`);
          if (kind === 'resource' && form.includes('as data')) expect([address, got.status]).toEqual([address, 404]);
          // Remix requests the data of a page in this form when somebody follows a link.
          if (kind === 'page' && form === 'as data' && method === 'GET' && !file.includes('$.'))
            expect([address, got.status]).not.toEqual([address, 404]);
        }
      }
    },
  );
});

test('a malformed path, host or method is refused, and the server keeps running', async () => {
  const odd = ['/%E0%A4%A', '/chat/%00', 'http://elsewhere.example/', '*', '//elsewhere.example/%', '/api/%ff'];
  for (const path of odd) {
    const got = await get(path);
    expect([path, got.status]).toEqual([path, 400]);
    expectHarmless(got, path);
  }
  for (const host of ['a b', '[', 'a:99999999', 'a/b', 'x@y:80/']) {
    const got = await get('/', { headers: { host } });
    expect([host, got.status]).toEqual([host, 400]);
  }
  for (const method of ['TRACE', 'PROPFIND', 'SUBSCRIBE']) expect((await get('/', { method })).status).toBe(405);
  expect((await get('/healthz')).status).toBe(200);
});

describe('a body without an end', () => {
  const rssMib = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pair.app.pid}/status`, 'utf8'))![1]) / 1024;
  const limitBytes = 256 * MIB;

  test.each(['chunked', 'announced'])('is refused or left unread by every route (length: %s)', async (length) => {
    const before = rssMib();
    for (const { path, file, kind } of routes) {
      const address = addressOf(path) === '/' ? '/?index' : addressOf(path);
      for (const [index, method] of ['POST', 'PATCH', 'DELETE', 'GET'].entries()) {
        const who: Record<string, string> = index % 2 === 0 ? { cookie, origin: pair.app.url } : {};
        const contentType: Record<string, string> = { 'content-type': TYPES[index]! };
        const announced: Record<string, string> =
          length === 'announced' ? { 'content-length': String(limitBytes) } : { 'transfer-encoding': 'chunked' };
        const { status, sentBytes } = await postEndlessly({
          url: pair.app.url + address,
          method,
          headers: { ...who, ...contentType, ...announced },
          limitBytes,
        });
        const what = `${method} ${file} (${status})`;
        if (length === 'announced') expect(status, what).toBe(413);
        // A GET is answered without reading its body.
        else if (method !== 'GET') expect([400, 401, 403, 404, 405, 413], what).toContain(status);
        if (length === 'chunked' && method === 'POST' && kind === 'page' && /_index|manage|settings/.test(file)) {
          expect(status, what).toBe(413);
        }
        // The server stops reading, so only what fits into the buffers of the sockets was written.
        expect(sentBytes, what).toBeLessThan(64 * MIB);
      }
    }
    expect(rssMib() - before).toBeLessThan(200);
  });

  test('is refused while other requests are answered, and little of it stays in memory', async () => {
    const before = rssMib();
    const posts = Promise.all(
      TYPES.map((type) =>
        postEndlessly({ url: `${pair.app.url}/?index`, headers: { 'content-type': type }, limitBytes: 1024 * MIB }),
      ),
    );
    expect((await get('/healthz')).status).toBe(200);
    for (const { status, sentBytes } of await posts) {
      expect(status).toBe(413);
      expect(sentBytes).toBeLessThan(64 * MIB);
    }
    expect(rssMib() - before).toBeLessThan(150);
  });

  test('is refused with 403 if it comes from another site', async () => {
    const headers = { origin: 'https://elsewhere.example', cookie };
    const { status } = await postEndlessly({ url: `${pair.app.url}/?index`, headers, limitBytes });
    expect(status).toBe(403);
  });
});

test('a request whose head or body comes too slowly is ended', async () => {
  const { port } = new URL(pair.app.url);
  const slow = (head: string) =>
    new Promise<string>((resolve) => {
      let answer = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(head));
      socket.setEncoding('utf8').on('data', (part) => (answer += part));
      socket.on('error', () => {}).once('close', () => resolve(answer));
    });
  const [noHead, noBody] = await Promise.all([
    slow('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '),
    slow(
      `POST /api/stream/start HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a`,
    ),
  ]);
  expect(noHead).toContain('HTTP/1.1 408');
  expect(noBody).toContain('HTTP/1.1 408');
  expect(noBody).toContain('request_timeout');
});

test.each([
  ['X-Forwarded-For', '203.0.113.9'],
  ['X-Forwarded-Host', 'chat.example'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded', 'for=203.0.113.9'],
  ['Forwarded', 'for=203.0.113.9'],
  ['Via', '1.1 proxy'],
  ['X-Real-IP', '203.0.113.9'],
  ['X_Forwarded_For', '203.0.113.9'],
  ['True-Client-IP', '203.0.113.9'],
  ['X-Client-IP', '203.0.113.9'],
  ['X-Cluster-Client-IP', '203.0.113.9'],
  ['CF-Connecting-IP', '203.0.113.9'],
  ['Fastly-Client-IP', '203.0.113.9'],
  ['X-Original-Forwarded-For', '203.0.113.9'],
  ['X-Original-Host', 'chat.example'],
  ['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef012345678912345678'],
  ['X-Envoy-External-Address', '203.0.113.9'],
  ['CDN-Loop', 'cloudflare'],
])('with TRUST_PROXY=0 the header %s is refused with an explanation, on every route', async (name, value) => {
  for (const { path } of routes) {
    const got = await get(addressOf(path), { headers: { [name]: value } });
    expect([path, got.status, got.headers['set-cookie']]).toEqual([path, 403, undefined]);
    expect(JSON.parse(got.body)).toMatchObject({
      code: 'untrusted_proxy',
      detail: expect.stringContaining('TRUST_PROXY'),
    });
  }
  const page = await get('/', { headers: { [name]: value, accept: 'text/html' } });
  expect(page.body).toContain('TRUST_PROXY=1');
  expect(page.headers['content-type']).toContain('text/plain');
});

describe('the same build, served by remix-serve,', () => {
  let served: TestProcess & { url: string };
  beforeAll(async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const child = await startProcess({
      name: 'remix-serve',
      command: process.execPath,
      args: [inRoot('node_modules/@remix-run/serve/dist/cli.js'), inRoot('build/server/index.js')],
      env: { ...pair.app.env, PORT: new URL(url).port },
      ready: () => answersHttp(`${url}/healthz`),
    });
    served = Object.assign(child, { url });
  });
  afterAll(() => served?.kill());

  test('refuses data requests, undeclared proxies and endless bodies, and logs no query', async () => {
    expect((await fetch(`${served.url}/api/stream/resume/s1.data`)).status).toBe(404);
    expect((await fetch(served.url, { headers: { via: '1.1 proxy' } })).status).toBe(403);
    const endless = { url: `${served.url}/?index`, limitBytes: 256 * MIB };
    expect((await postEndlessly({ ...endless, headers: { 'content-type': TYPES[0]! } })).status).toBe(413);
    await (await fetch(`${served.url}/plain?question=canary-in-a-query`)).text();
    await vi.waitUntil(() => served.output.includes('GET /plain 200'));
    expect(served.output).not.toContain('canary-in-a-query');
  });
});
