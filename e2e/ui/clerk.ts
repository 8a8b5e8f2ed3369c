import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { BrowserContext, Page } from '@playwright/test';
import { SignJWT } from 'jose';
import type { Env } from '../../scripts/shared/settings.ts';

const HOST = 'x.clerk.accounts.dev';
const ISSUER = `https://${HOST}`;

/**
 * A substitute for a Clerk instance. It signs session tokens itself. The app verifies them with the public key in `env`, so nobody
 * contacts Clerk.
 */
export interface ClerkInstance {
  env: Env;
  /** URL of Clerk's own pages. */
  issuer: string;
  /**
   * Makes a session token. `changes` replaces claims; the value `undefined` removes a claim. `key` replaces the signing key of the
   * instance.
   */
  token(session: Session, changes?: Record<string, unknown>, key?: KeyObject): Promise<string>;
  /** A session token that expired a minute ago. */
  lapsedToken(session: Session): Promise<string>;
  /** A signing key that does not belong to the instance. */
  foreignKey: KeyObject;
}

export interface Session {
  userId: string;
  /** The site for which the token is made (`azp`). */
  origin: string;
}

const now = () => Math.floor(Date.now() / 1000);

export function createClerkInstance(): ClerkInstance {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const instance: ClerkInstance = {
    issuer: ISSUER,
    foreignKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    env: {
      CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from(`${HOST}$`).toString('base64')}`,
      CLERK_SECRET_KEY: 'sk_test_of_the_tests',
      CLERK_JWT_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      CLERK_TELEMETRY_DISABLED: '1',
    },
    token: ({ userId, origin }, changes = {}, key = privateKey) => {
      const times = { iat: now() - 5, nbf: now() - 5, exp: now() + 600 };
      const claims = { iss: ISSUER, sub: userId, sid: `sess_${userId}`, azp: origin, v: 2, ...times, ...changes };
      const payload = JSON.parse(JSON.stringify(claims)) as Record<string, unknown>;
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'ins_1', typ: 'JWT' }).sign(key);
    },
    lapsedToken: (session) => instance.token(session, { iat: now() - 120, nbf: now() - 120, exp: now() - 60 }),
  };
  return instance;
}

/** Sets the cookies of a browser that is signed in. If `token` is `null`, sets those of a browser that was never signed in. */
export async function setSession(context: BrowserContext, token: string | null): Promise<void> {
  const cookie = { domain: '127.0.0.1', path: '/' };
  await context.addCookies([
    { ...cookie, name: '__client_uat', value: token ? String(now() - 3600) : '0' },
    { ...cookie, name: '__clerk_db_jwt', value: 'x' },
    ...(token ? [{ ...cookie, name: '__session', value: token }] : []),
  ]);
}

/**
 * Replaces Clerk's script by one that gets its session tokens from `freshToken` and puts each into the session cookie. `fullName`:
 * the name of the person's account.
 */
export async function serveClerkScript(
  page: Page,
  freshToken: () => Promise<string>,
  fullName: string | null = null,
): Promise<void> {
  await page.exposeFunction('clerkTokenOfTheTest', freshToken);
  await page.route(`${ISSUER}/**`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: `(${clerkScript.toString()})(${JSON.stringify(fullName)})` }),
  );
}

function clerkScript(fullName: string | null): void {
  const scope = globalThis as unknown as { Clerk: object; clerkTokenOfTheTest: () => Promise<string> };
  const session = {
    id: 'sess_1',
    status: 'active',
    actor: null,
    lastActiveToken: null,
    async getToken() {
      const token = await scope.clerkTokenOfTheTest();
      document.cookie = `__session=${token}; path=/`;
      return token;
    },
  };
  const known: Record<string | symbol, unknown> = {
    loaded: false,
    status: 'loading',
    session,
    user: { id: 'user_1', fullName },
    organization: null,
    telemetry: { record: () => undefined },
    client: { sessions: [session] },
    load() {
      Object.assign(known, { loaded: true, status: 'ready' });
      return Promise.resolve();
    },
    mountUserButton: (place: HTMLElement) => (place.textContent = 'Account'),
    addListener: () => () => undefined,
    on: (event: string, listener: (status: string) => void) => event === 'status' && listener('ready'),
  };
  scope.Clerk = new Proxy(known, { get: (target, name) => (name in target ? target[name] : () => undefined) });
}
