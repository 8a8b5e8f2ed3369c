import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId, type Caller } from '../../testing/caller.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { ENDPOINTS } from './endpoints.ts';
import { IDENTITIES, NOT_FOUND, openRoom, question, type Identity, type OpenRoom } from './testing/open-room.ts';

let bed: TestBed;
let sidecar: TestSidecar;
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_QUEUED: '10' } });
  sidecar = await bed.start();
});
afterAll(() => bed.close());

/** What each person gets: the status of the response, followed by the code if it is an error (`404 not_found`). */
type Expected = Record<Identity, string>;
interface Row {
  /** Method and path, as in `ENDPOINTS`. */
  endpoint: string;
  /** What the request names, and by which id. Part of the name of the test. */
  thing: string;
  path?: (room: OpenRoom, who: Identity) => string;
  body?: (room: OpenRoom, who: Identity) => unknown;
  headers?: Record<string, string>;
  expected: Expected;
}

const GONE = '404 not_found';
const SMALL = '403 role_required';
const UNKNOWN = '401 unauthorized';

/**
 * People who are not named in `allowed` get the response for something that does not exist. Guests get what viewers get, and
 * a request without a token (`nobody`) gets 401.
 */
const only = (allowed: Partial<Expected>): Expected => ({
  owner: GONE,
  editor: GONE,
  viewer: GONE,
  guest: allowed.viewer ?? GONE,
  former: GONE,
  outsider: GONE,
  administrator: GONE,
  nobody: UNKNOWN,
  ...allowed,
});
const readers = (status = '200') => only({ owner: status, editor: status, viewer: status });
const editors = (status = '200') => only({ owner: status, editor: status, viewer: SMALL });
const owners = (status = '200') => only({ owner: status, editor: SMALL, viewer: SMALL });
/** If a chat is named by its own id, it exists only for its owner. */
const ownId = (status = '200') => only({ owner: status });
const all = (status = '200', more: Partial<Expected> = {}): Expected => ({
  ...only({}),
  ...Object.fromEntries(IDENTITIES.map((who) => [who, status])),
  nobody: UNKNOWN,
  ...more,
});
const admins = (status = '200') => all('403 forbidden', { administrator: status });
const anyone = (status = '200') => all(status, { nobody: status });

const chat = (rest = '') => [
  { thing: 'chat by its own id', path: ({ chatId }: OpenRoom) => `/chats/${chatId}${rest}` },
  { thing: 'room', path: ({ ref }: OpenRoom) => `/chats/${ref}${rest}` },
];
/** Two rows: one request names the chat by its own id, the other names it as a room. */
const ofChat = (endpoint: string, rest: string, expected: [Expected, Expected], more: Partial<Row> = {}): Row[] =>
  chat(rest).map((named, i) => ({ endpoint, ...named, expected: expected[i]!, ...more }));

const template = { name: 'T', command: 't', message: 'Hello' };
/** The path of a template that nobody has. Each person who saves a template at this path gets one of their own. */
const mine = '/templates/nowhere';

const ROWS: Row[] = [
  // ── Streams ──
  {
    endpoint: 'POST /streams',
    thing: 'chat by its own id',
    body: ({ chatId }) => question(chatId),
    // For everybody but the owner, this is the id of a new chat of their own.
    expected: all('201', { owner: '202' }),
  },
  { endpoint: 'POST /streams', thing: 'room', body: ({ ref }) => question(ref), expected: editors('202') },
  {
    endpoint: 'POST /streams',
    thing: 'room, with other instructions',
    body: ({ ref }) => ({ ...question(ref), instructions: 'Obey.' }),
    expected: { ...owners('202'), viewer: SMALL },
  },
  { endpoint: 'GET /streams', thing: 'own streams', expected: all() },
  { endpoint: 'GET /streams', thing: 'streams of all', path: () => '/streams?all=1', expected: admins() },
  ...(['ended', 'active', 'queued'] as const).map((which) => ({
    endpoint: 'GET /streams/:streamId',
    thing: `stream (${which})`,
    path: (room: OpenRoom) => `/streams/${room[which]}`,
    expected: { ...readers(), administrator: '200' },
  })),
  {
    endpoint: 'GET /streams/:streamId/events',
    thing: 'stream (ended)',
    path: ({ ended }) => `/streams/${ended}/events`,
    expected: { ...readers(), administrator: '200' },
  },
  {
    endpoint: 'DELETE /streams/:streamId',
    thing: 'stream (active)',
    path: ({ active }) => `/streams/${active}`,
    expected: { ...editors(), administrator: '200' },
  },
  {
    endpoint: 'DELETE /streams/:streamId',
    thing: 'stream (queued, started by the owner)',
    path: ({ queued }) => `/streams/${queued}`,
    expected: { ...owners(), administrator: '200' },
  },

  // ── Chats ──
  { endpoint: 'GET /chats', thing: 'own chats', expected: all() },
  { endpoint: 'DELETE /chats', thing: 'own chats', expected: all('204') },
  { endpoint: 'GET /search', thing: 'own chats', path: () => '/search?q=Hello', expected: all() },
  ...ofChat('GET /chats/:chatId', '', [ownId(), readers()]),
  ...ofChat('GET /chats/:chatId/messages', '/messages', [ownId(), readers()]),
  ...ofChat('GET /chats/:chatId/stream', '/stream', [all('204', { owner: '200' }), readers()]),
  ...ofChat('PATCH /chats/:chatId', '', [ownId(), owners()], {
    body: () => ({ title: 'Other', instructions: 'Other' }),
  }),
  ...ofChat('PATCH /chats/:chatId', '', [ownId(), owners()], { body: () => ({ read: true, pinned: true }) }),
  ...ofChat('PATCH /chats/:chatId', '', [ownId(), { ...readers('204'), owner: '200' }], {
    body: () => ({ read: true }),
  }),
  ...ofChat('DELETE /chats/:chatId', '', [all('204'), owners('204')]),
  ...ofChat('POST /chats/:chatId/forks', '/forks', [ownId('201'), editors('201')], {
    body: () => ({ forkId: newId('fork'), messageId: 'a1' }),
  }),

  // ── Turns that wait: `a3`, which the owner asked for ──
  ...ofChat('GET /chats/:chatId/queue', '/queue', [ownId(), readers()]),
  ...ofChat('POST /chats/:chatId/queue', '/queue', [ownId(), editors()], { body: () => ({ action: 'resume' }) }),
  ...ofChat('GET /chats/:chatId/queue/:messageId', '/queue/a3', [ownId(), readers()]),
  ...ofChat('PATCH /chats/:chatId/queue/:messageId', '/queue/a3', [ownId(), owners()], {
    body: () => ({ text: 'Other' }),
  }),
  ...ofChat('PATCH /chats/:chatId/queue/:messageId', '/queue/a3', [ownId(), owners()], { body: () => ({ place: 1 }) }),
  ...ofChat('DELETE /chats/:chatId/queue/:messageId', '/queue/a3', [ownId(), owners()]),

  // ── People ──
  ...ofChat('GET /chats/:chatId/members', '/members', [ownId(), readers()]),
  ...(['chatId', 'ref'] as const).flatMap((name): Row[] => [
    {
      endpoint: 'PATCH /chats/:chatId/members/:userId',
      thing: `role of the viewer (${name})`,
      path: (room) => `/chats/${room[name]}/members/${room.callers.viewer.userId}`,
      body: () => ({ role: 'editor' }),
      expected: name === 'ref' ? owners() : ownId(),
    },
    {
      endpoint: 'PATCH /chats/:chatId/members/:userId',
      thing: `own name (${name})`,
      path: (room, who) => `/chats/${room[name]}/members/${room.callers[who === 'nobody' ? 'owner' : who].userId}`,
      body: () => ({ name: 'Another' }),
      expected: name === 'ref' ? readers() : ownId(),
    },
    {
      endpoint: 'PATCH /chats/:chatId/members/:userId',
      thing: `name of another member (${name})`,
      path: (room, who) =>
        `/chats/${room[name]}/members/${room.callers[who === 'editor' ? 'viewer' : 'editor'].userId}`,
      body: () => ({ name: 'Fool' }),
      expected: name === 'ref' ? { ...owners(SMALL), owner: SMALL } : ownId(SMALL),
    },
    {
      endpoint: 'DELETE /chats/:chatId/members/:userId',
      thing: `another member (${name})`,
      path: (room, who) =>
        `/chats/${room[name]}/members/${room.callers[who === 'viewer' ? 'editor' : 'viewer'].userId}`,
      expected: name === 'ref' ? owners('204') : ownId('204'),
    },
    {
      endpoint: 'DELETE /chats/:chatId/members/:userId',
      thing: `oneself (${name})`,
      path: (room, who) => `/chats/${room[name]}/members/${room.callers[who === 'nobody' ? 'owner' : who].userId}`,
      // The owner cannot leave. People who have left or were never in the room get the same response as members.
      expected: name === 'ref' ? all('204', { owner: '400 invalid_request' }) : ownId('400 invalid_request'),
    },
  ]),
  ...ofChat('POST /chats/:chatId/invites', '/invites', [ownId('201'), owners('201')], {
    body: () => ({ role: 'viewer' }),
  }),
  ...ofChat('GET /chats/:chatId/invites', '/invites', [ownId(), owners()]),
  ...ofChat('DELETE /chats/:chatId/invites', '/invites', [ownId('204'), owners('204')]),
  ...(['chatId', 'ref'] as const).map((name) => ({
    endpoint: 'DELETE /chats/:chatId/invites/:inviteId',
    thing: `invite (${name})`,
    path: (room: OpenRoom) => `/chats/${room[name]}/invites/${room.inviteId}`,
    expected: name === 'ref' ? owners('204') : ownId('204'),
  })),
  {
    endpoint: 'POST /joins/look',
    thing: 'invite',
    body: ({ token }) => ({ token }),
    // A person who was removed cannot come back with an invite that was made before the removal.
    expected: all('200', { former: '410 invite_over' }),
  },
  {
    endpoint: 'POST /joins',
    thing: 'invite',
    body: ({ token }) => ({ token, name: 'New' }),
    expected: all('200', { former: '410 invite_over' }),
  },
  { endpoint: 'GET /rooms', thing: 'own rooms', expected: all() },

  // ── The feed ──
  ...ofChat('GET /chats/:chatId/events', '/events', [ownId(), readers()]),
  ...ofChat('POST /chats/:chatId/presence', '/presence', [ownId('204'), readers('204')], {
    body: () => ({ tab: 'tab', typing: true }),
  }),
  ...ofChat('POST /chats/:chatId/say', '/say', [ownId('201'), editors('201')], {
    body: () => ({ messageId: newId('m'), text: 'By the way' }),
  }),

  // ── Public pages: made by the owner, read by everybody who has the secret in the URL ──
  ...ofChat('POST /chats/:chatId/shares', '/shares', [ownId('201'), owners('201')], { body: () => ({ mode: 'live' }) }),
  ...ofChat('GET /chats/:chatId/shares', '/shares', [ownId(), owners()]),
  ...ofChat('DELETE /chats/:chatId/shares', '/shares', [ownId('204'), owners('204')]),
  { endpoint: 'GET /shares', thing: 'own pages', expected: all() },
  { endpoint: 'DELETE /shares', thing: 'own pages', expected: all('204') },
  ...(['shareId', 'secret'] as const).flatMap((name): Row[] => {
    const named = { thing: `public page, by its ${name}`, path: ({ share }: OpenRoom) => `/shares/${share[name]}` };
    return [
      { endpoint: 'GET /shares/:shareId', ...named, expected: ownId() },
      { endpoint: 'PATCH /shares/:shareId', ...named, body: () => ({ names: true, expiresIn: 60 }), expected: ownId() },
      { endpoint: 'DELETE /shares/:shareId', ...named, expected: ownId('204') },
    ];
  }),
  { endpoint: 'POST /shared', thing: 'public page', body: ({ share }) => ({ secret: share.secret }), expected: all() },
  {
    endpoint: 'POST /shared',
    thing: 'public page, by its id',
    body: ({ share }) => ({ secret: share.shareId }),
    expected: all(GONE),
  },
  {
    endpoint: 'POST /shared/events',
    thing: 'answer on a public page',
    body: ({ share, ended }) => ({ secret: share.secret, streamId: ended }),
    expected: all(),
  },
  {
    endpoint: 'POST /shared/events',
    thing: 'answer on a public page, with outdated settings',
    body: ({ share, ended }) => ({ secret: share.secret, streamId: ended, settings: 'old' }),
    expected: all('409 share_changed'),
  },
  {
    endpoint: 'POST /shared/events',
    thing: 'answer, by the id of a public page',
    body: ({ share, ended }) => ({ secret: share.shareId, streamId: ended }),
    expected: all(GONE),
  },
  {
    endpoint: 'POST /shared/copies',
    thing: 'public page that may be copied',
    body: ({ share }) => ({ secret: share.secret, tag: share.tag, forkId: newId('fork') }),
    expected: all('201'),
  },

  // ── Templates: every person has their own ──
  { endpoint: 'GET /templates', thing: 'own templates', expected: all() },
  { endpoint: 'POST /templates', thing: 'own template', body: () => template, expected: all('201') },
  { endpoint: 'GET /templates/export', thing: 'own templates', expected: all() },
  {
    endpoint: 'POST /templates/import',
    thing: 'own templates',
    body: () => ({ rejoinTemplates: 1, templates: [{ id: 't9', ...template }] }),
    expected: all(),
  },
  { endpoint: 'GET /templates/:templateId', thing: 'unknown template', path: () => mine, expected: all(GONE) },
  {
    endpoint: 'PUT /templates/:templateId',
    thing: 'own template',
    path: () => mine,
    body: () => template,
    headers: { 'if-none-match': '*' },
    expected: all('201'),
  },
  {
    endpoint: 'PATCH /templates/:templateId',
    thing: 'unknown template, to be published',
    path: () => mine,
    body: () => ({ published: true }),
    headers: { 'if-match': '*' },
    expected: all('403 forbidden', { administrator: GONE }),
  },
  { endpoint: 'DELETE /templates/:templateId', thing: 'unknown template', path: () => mine, expected: all(GONE) },
  {
    endpoint: 'POST /templates/:templateId/preview',
    thing: 'unknown template',
    path: () => `${mine}/preview`,
    body: () => ({ values: {} }),
    expected: all(GONE),
  },

  // ── Operation ──
  { endpoint: 'GET /models', thing: 'models', expected: all() },
  { endpoint: 'POST /cleanup', thing: 'own streams', body: () => ({ action: 'expired' }), expected: all() },
  { endpoint: 'GET /analytics', thing: 'counts', expected: admins() },
  { endpoint: 'GET /healthz', thing: 'process', expected: anyone() },
  { endpoint: 'GET /readyz', thing: 'process', expected: anyone() },
  { endpoint: 'GET /metrics', thing: 'process', expected: anyone() },
  { endpoint: 'GET /openapi.json', thing: 'process', expected: anyone() },
  // The connection is cut on purpose, so there is no status. deploy/cut.test.ts shows that anybody may call this endpoint.
  { endpoint: 'GET /cut-check', thing: 'process', path: () => '/cut-check?never', expected: anyone('cut') },
];

interface Code {
  code?: string;
}

/** The status of a response that does not end. */
async function headOf({ url, token }: Caller, path: string) {
  const { status, body } = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  await body?.cancel();
  return { status, text: '', body: {} as Code };
}

/** People who are refused come first, because the calls of the others change the room. */
const inOrder = (expected: Expected): Identity[] => {
  const isRefused = (who: Identity) => /^4/.test(expected[who]);
  return [...IDENTITIES.filter(isRefused).reverse(), ...IDENTITIES.filter((who) => !isRefused(who)).reverse()];
};

describe('who may do what', () => {
  test('is in the table for every endpoint', () => {
    const endpoints = ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(ROWS.map(({ endpoint }) => endpoint))].sort()).toEqual([...endpoints].sort());
    expect(ROWS.length * IDENTITIES.length).toBeGreaterThan(400);
  });

  test.for(ROWS)('$endpoint: $thing', async (row) => {
    const room = await openRoom(sidecar);
    const [method, pattern] = row.endpoint.split(' ') as [string, string];
    const before = await room.snapshot();
    const seen: Partial<Expected> = {};
    for (const who of inOrder(row.expected)) {
      const caller = room.callers[who === 'nobody' ? 'outsider' : who];
      const path = row.path?.(room, who) ?? pattern;
      const options = {
        ...(row.body && { body: row.body(room, who) }),
        ...(row.headers && { headers: row.headers }),
        ...(who === 'nobody' ? { token: null } : {}),
      };
      const isFeed = row.endpoint === 'GET /chats/:chatId/events' && !/^4/.test(row.expected[who]);
      const answer = isFeed
        ? await headOf(caller, path)
        : await caller.call<Code>(method, path, options).catch(() => null);
      if (answer === null) {
        seen[who] = 'cut';
        continue;
      }
      seen[who] = answer.status >= 400 ? `${answer.status} ${answer.body.code}` : String(answer.status);
      if (answer.status === 404) expect(answer.text).toBe(NOT_FOUND);
      // A refused call changes nothing. Nobody but the owner learns the chat's own id through its room.
      if (answer.status >= 400) expect(await room.snapshot()).toEqual(before);
      if (who !== 'owner' && row.thing.startsWith('room')) expect(answer.text).not.toContain(room.chatId);
    }
    expect(seen).toEqual(row.expected);
  });
});
