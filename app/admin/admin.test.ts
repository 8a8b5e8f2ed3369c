import { afterAll, beforeAll, expect, it } from 'vitest';
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

let app: ServedApp;
let admin: string;
beforeAll(async () => {
  const guest = await createGuestSessions({ secret: SESSION_SECRET, secure: false }).begin();
  admin = guest.setCookie!.split(';')[0]!;
  app = await serveApp({
    env: { ADMIN_USER_IDS: `somebody,${guest.userId}` },
    routes: async () => ({
      'admin/analytics.json': await import('~/routes/admin.analytics[.]json.ts'),
      'admin/streams.json': await import('~/routes/admin.streams[.]json.ts'),
    }),
    reply: ({ path }, response) => replyJson(response, path.startsWith('/analytics') ? REPORT : { streams: [] }),
  });
});
afterAll(() => app.close());

const ask = (path: string, cookie: string) => fetch(app.url + path, { headers: { cookie } });

it('is for the named administrators only: then the first guest has no rights', async () => {
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

it('accepts the token of an administrator, and no other', async () => {
  for (const [claims, status] of [
    [{ admin: true }, 200],
    [{}, 403],
  ] as const) {
    const token = await sidecarToken({ secret: SIDECAR_SECRET, claims });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${app.url}/admin/analytics.json`, { headers })).status).toBe(status);
  }
});

it('asks the sidecar as an administrator, for the requested time', async () => {
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
