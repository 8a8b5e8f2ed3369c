import { afterAll, beforeAll, expect, test } from 'vitest';
import { replyJson } from '~/testing/fake-sidecar.ts';
import { serveApp, type ServedApp } from '~/testing/serve-app.ts';

let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({
    routes: async () => {
      const { cookiesOf, currentUser, requireApiUser, requireUser, rootData } = await import('./auth.server.ts');
      type Args = Parameters<typeof requireUser>[0];
      return {
        // As on a page, several loaders ask at the same time who the caller is.
        page: {
          loader: async (args: Args) => {
            const users = await Promise.all([requireUser(args), requireUser(args), requireUser(args)]);
            return Response.json(users);
          },
        },
        root: { loader: (args: Args) => rootData(args, { theme: 'dark' }) },
        begin: {
          action: async (args: Args) => {
            const user = await requireApiUser(args, { mayBegin: true }).catch(() => null);
            if (!user) return new Response(null, { status: 401 });
            const headers = cookiesOf(user).map((cookie): [string, string] => ['set-cookie', cookie]);
            return Response.json(user.userId, { headers });
          },
        },
        public: { loader: async (args: Args) => Response.json(await currentUser(args)) },
      };
    },
    reply: (_, response) => replyJson(response, {}),
  });
});
afterAll(() => app.close());

const ask = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });

test('a new browser becomes one guest, even if several loaders ask at the same time who the caller is', async () => {
  const users = (await (await ask('/page')).json()) as { userId: string; headers: Record<string, string> }[];
  expect(new Set(users.map(({ userId }) => userId)).size).toBe(1);
  expect(users[0]!.headers['set-cookie']).toContain('rejoin_guest=');
});

test('makes a new guest for each request without the cookie', async () => {
  const [one, other] = await Promise.all([ask('/page'), ask('/page')]);
  expect(await one.json()).not.toEqual(await other.json());
});

test('recognizes a guest, and does not set the cookie again', async () => {
  const root = await ask('/root');
  expect(await root.json()).toEqual({ theme: 'dark' });
  const cookie = root.headers.get('set-cookie')!.split(';')[0]!;
  const [user] = (await (await ask('/page', { cookie })).json()) as [{ via: string; headers?: unknown }];
  expect(user).toMatchObject({ via: 'guest' });
  expect(user.headers).toBeUndefined();
  expect((await ask('/root', { cookie })).headers.get('set-cookie')).toBeNull();
});

test('a visitor of a public page does not become a guest', async () => {
  expect(await (await ask('/public')).json()).toBeNull();
});

/** A browser's cookies. A new cookie replaces the cookie of the same name. */
function cookieJar() {
  const cookies = new Map<string, string>();
  return {
    take: (response: Response) =>
      response.headers.getSetCookie().forEach((set) => {
        const [name, value] = set.split(';')[0]!.split(/=(.*)/s) as [string, string];
        cookies.set(name, value);
      }),
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
  };
}
const begin = (cookie = '') =>
  fetch(`${app.url}/begin`, { method: 'POST', headers: { origin: app.url, ...(cookie ? { cookie } : {}) } });
const userIdOf = async (cookie: string) =>
  ((await (await ask('/page', { cookie })).json()) as [{ userId: string }])[0].userId;

test.each(['the first', 'the second'])(
  'a browser that opens two pages at once and starts something with the cookie of %s page stays the guest of that cookie',
  async (which) => {
    const [one, other] = await Promise.all([ask('/root'), ask('/root')]);
    const [early, late] = which === 'the first' ? [one, other] : [other, one];
    const jar = cookieJar();
    jar.take(early);
    const begun = await begin(jar.header());
    const guest = (await begun.json()) as string;
    // The guest stays the same, whether the cookie of the other page arrives before or after the response to /begin.
    if (which === 'the first') jar.take(late);
    jar.take(begun);
    jar.take(late);
    expect(await userIdOf(jar.header())).toBe(guest);
    expect(await (await begin(jar.header())).json()).toBe(guest);
  },
);

test('a browser that starts something and opens a page at the same time stays the guest that was made for the start', async () => {
  const jar = cookieJar();
  const [begun, page] = await Promise.all([begin(), ask('/root')]);
  const guest = (await begun.json()) as string;
  jar.take(begun);
  jar.take(page);
  expect(await userIdOf(jar.header())).toBe(guest);
});

test.each(['Basic YWxpY2U6c2VjcmV0', 'Digest username="a"', 'Negotiate abc', 'bearerless x', 'Token abc'])(
  'a guest is recognized despite the header Authorization: %s, which a proxy may have passed on',
  async (authorization) => {
    const jar = cookieJar();
    jar.take(await ask('/root'));
    const response = await fetch(`${app.url}/begin`, {
      method: 'POST',
      headers: { origin: app.url, cookie: jar.header(), authorization },
    });
    expect([response.status, await response.json()]).toEqual([200, await userIdOf(jar.header())]);
  },
);

test.each(['Bearer', 'bearer ', 'BEARER not-a-token', 'Bearer  a b'])(
  'the header Authorization: %j is refused, because it names the scheme Bearer without a valid token',
  async (authorization) => {
    const response = await fetch(`${app.url}/begin`, { method: 'POST', headers: { authorization } });
    expect(response.status).toBe(401);
  },
);
