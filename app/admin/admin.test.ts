import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGuestSessions } from '~/auth/guest-session.server.ts';
import { replyJson } from '~/testing/fake-sidecar.ts';
import { serveApp, SESSION_SECRET, SIDECAR_SECRET, type ServedApp } from '~/testing/serve-app.ts';
import { sidecarToken } from '~/testing/tokens.ts';

const REPORT = {
  from: '2026-03-10T09:00:00.000Z',
  to: '2026-03-10T10:00:00.000Z',
  step: 'hour',
  periods: [],
  hoursOfDay: Array.from({ length: 24 }, () => 0),
};

const STATE = {
  streamId: 's1',
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  userId: 'somebody',
  status: 'active',
  startTime: '2026-11-22T10:00:00.000Z',
  lastActivity: '2026-11-22T10:00:01.000Z',
  lastEventId: '1ab-100',
  bytes: 100,
  sha256: null,
  error: null,
  resumable: true,
};

let app: ServedApp;
let admin: string;
beforeAll(async () => {
  const guest = await createGuestSessions({ secret: SESSION_SECRET, secure: false }).begin();
  admin = guest.setCookie!.split(';')[0]!;
  app = await serveApp({
    env: { ADMIN_USER_IDS: `somebody,${guest.userId}` },
    routes: async () => ({
      'admin/read': await import('~/routes/admin.read.ts'),
      'api/stream/status/:streamId': await import('~/routes/api.stream.status.$streamId.ts'),
      'api/stream/resume/:streamId': await import('~/routes/api.stream.resume.$streamId.ts'),
      'api/stream/cleanup': await import('~/routes/api.stream.cleanup.ts'),
      'admin/analytics.json': await import('~/routes/admin.analytics[.]json.ts'),
      'admin/streams.json': await import('~/routes/admin.streams[.]json.ts'),
    }),
    reply: ({ path }, response) => {
      if (path.endsWith('/events')) return void response.end('<script>somebody else’s</script>');
      if (path === '/streams/s1') return replyJson(response, STATE);
      replyJson(response, path.startsWith('/analytics') ? REPORT : { streams: [] });
    },
  });
});
afterAll(() => app.close());

const ask = (path: string, cookie: string) => fetch(app.url + path, { headers: { cookie } });

test('a guest whom ADMIN_USER_IDS does not name cannot open the administration', async () => {
  for (const path of ['/admin/analytics.json', '/admin/streams.json']) {
    const refused = await ask(path, app.cookie);
    expect(refused.status, path).toBe(403);
    expect(await refused.json()).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('ADMIN_USER_IDS'),
    });
    expect((await ask(path, '')).status, path).toBe(401);
    expect((await ask(path, admin)).status, path).toBe(200);
  }
});

test('the administration accepts the token of an administrator, and refuses other tokens', async () => {
  for (const [claims, status] of [
    [{ admin: true }, 200],
    [{}, 403],
  ] as const) {
    const token = await sidecarToken({ secret: SIDECAR_SECRET, claims });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${app.url}/admin/analytics.json`, { headers })).status).toBe(status);
  }
});

test('the administration asks the sidecar as an administrator, for the requested range', async () => {
  app.sidecar.requests.length = 0;
  for (const [range, step, days] of [
    ['24h', 'hour', 1],
    ['7d', 'hour', 7],
    ['90d', 'day', 90],
    ['nonsense', 'hour', 1],
  ] as const) {
    const answer = await ask(`/admin/analytics.json?range=${range}`, admin);
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="rejoin-analytics-\d+[hd]\.json"$/,
    );
    expect(await answer.json()).toEqual(REPORT);
    const { path, headers } = app.sidecar.requests.at(-1)!;
    const query = new URL(path, app.url).searchParams;
    expect(query.get('step')).toBe(step);
    const backDays = (Date.now() - Date.parse(query.get('from')!)) / (24 * 3_600_000);
    expect(Math.ceil(backDays)).toBe(days);
    const [, claims] = headers.authorization!.split('.') as [string, string];
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ admin: true });
  }
});

const claimsAt = (index: number) => {
  const [, claims] = app.sidecar.requests.at(index)!.headers.authorization!.split('.') as [string, string];
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string; admin?: boolean };
};

test('the endpoints that read a stream give no special rights to an administrator who has a session cookie', async () => {
  app.sidecar.requests.length = 0;
  for (const path of ['/api/stream/status/s1', '/api/stream/resume/s1']) {
    await ask(path, admin);
    expect([path, claimsAt(-1).admin]).toEqual([path, undefined]);
  }
});

test('only an administrator can read another person’s answer, and only with a POST from a page of this app', async () => {
  const read = (cookie: string, headers: Record<string, string> = { origin: app.url }) =>
    fetch(`${app.url}/admin/read`, {
      method: 'POST',
      headers: { cookie, ...headers },
      body: new URLSearchParams({ streamId: 's1' }),
    });
  expect((await read(app.cookie)).status).toBe(403);
  expect((await read(admin, { origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await fetch(`${app.url}/admin/read?streamId=s1`, { headers: { cookie: admin } })).status).toBe(405);
  app.sidecar.requests.length = 0;
  const answer = await read(admin);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await answer.text()).toBe('<script>somebody else’s</script>');
  expect(app.sidecar.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /streams/s1',
    'GET /streams/s1/events',
  ]);
  expect([claimsAt(0).admin, claimsAt(1).admin]).toEqual([true, true]);
});

test('an administrator cleans up the streams of everybody, and other people clean up only their own', async () => {
  for (const [cookie, isAdmin] of [
    [admin, true],
    [app.cookie, undefined],
  ] as const) {
    await fetch(`${app.url}/api/stream/cleanup`, { method: 'POST', headers: { cookie, origin: app.url } });
    expect(claimsAt(-1).admin).toBe(isAdmin);
  }
});
