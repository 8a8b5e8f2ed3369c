import { createGuestSessions } from '~/auth/guest-session.server.ts';
import { startFakeSidecar, type FakeSidecar, type SidecarReply } from './fake-sidecar.ts';
import { serveRoutes } from './serve-routes.ts';

export const SIDECAR_SECRET = 'the sidecar secret of the tests';
export const SESSION_SECRET = 'the session secret of the tests';

export interface ServedApp {
  url: string;
  sidecar: FakeSidecar;
  /** A guest's `Cookie` header. */
  cookie: string;
  close(): Promise<void>;
}

/**
 * Serves some of the app's routes, and starts a fake sidecar for them. A process reads its settings once, so `routes` must import the
 * route modules only when it is called, after the environment is set. A test file can have only one such app.
 */
export async function serveApp({
  routes,
  reply,
  env = {},
}: {
  routes: () => Promise<Parameters<typeof serveRoutes>[0]>;
  reply: SidecarReply;
  env?: Record<string, string>;
}): Promise<ServedApp> {
  const sidecar = await startFakeSidecar(reply);
  Object.assign(process.env, {
    HOST: '127.0.0.1',
    SIDECAR_URL: sidecar.url,
    SIDECAR_SECRET,
    SESSION_SECRET,
    LOG_LEVEL: 'silent',
    ...env,
  });
  const app = await serveRoutes(await routes());
  const guest = await createGuestSessions({ secret: SESSION_SECRET, secure: false }).begin();
  return {
    url: app.url,
    sidecar,
    cookie: guest.setCookie!.split(';')[0]!,
    close: async () => {
      await app.close();
      await sidecar.close();
    },
  };
}
