import { afterAll, beforeAll, expect, it } from 'vitest';
import { replyJson } from '~/testing/fake-sidecar.ts';
import { serveApp, type ServedApp } from '~/testing/serve-app.ts';

let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({
    routes: async () => {
      const { currentUser, requireUser, rootData } = await import('./auth.server.ts');
      type Args = Parameters<typeof requireUser>[0];
      return {
        // What a page does: several loaders ask at once who is there.
        page: {
          loader: async (args: Args) => {
            const users = await Promise.all([requireUser(args), requireUser(args), requireUser(args)]);
            return Response.json(users);
          },
        },
        root: { loader: (args: Args) => rootData(args, { theme: 'dark' }) },
        public: { loader: async (args: Args) => Response.json(await currentUser(args)) },
      };
    },
    reply: (_, response) => replyJson(response, {}),
  });
});
afterAll(() => app.close());

const ask = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });

it('makes one guest of a new browser, however many loaders ask', async () => {
  const users = (await (await ask('/page')).json()) as { userId: string; headers: Record<string, string> }[];
  expect(new Set(users.map(({ userId }) => userId)).size).toBe(1);
  expect(users[0]!.headers['set-cookie']).toContain('rejoin_guest=');
});

it('makes another guest of another browser, and of another request without the cookie', async () => {
  const [one, other] = await Promise.all([ask('/page'), ask('/page')]);
  expect(await one.json()).not.toEqual(await other.json());
});

it('knows a guest again and sets no cookie twice', async () => {
  const root = await ask('/root');
  expect(await root.json()).toEqual({ theme: 'dark' });
  const cookie = root.headers.get('set-cookie')!.split(';')[0]!;
  const [user] = (await (await ask('/page', { cookie })).json()) as [{ via: string; headers?: unknown }];
  expect(user).toMatchObject({ via: 'guest' });
  expect(user.headers).toBeUndefined();
  expect((await ask('/root', { cookie })).headers.get('set-cookie')).toBeNull();
});

it('makes nobody a guest who only looks at what is for everybody', async () => {
  expect(await (await ask('/public')).json()).toBeNull();
});
