import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { replyJson } from '~/testing/fake-sidecar.ts';
import { serveApp, SIDECAR_SECRET, type ServedApp } from '~/testing/serve-app.ts';
import { sidecarToken, unsignedToken } from '~/testing/tokens.ts';

const ISSUER = 'https://x.clerk.accounts.dev';
const ORIGIN = 'https://chat.example.com';
const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString();

let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({
    routes: async () => {
      const { requireUser } = await import('./auth.server.ts');
      const { problemResponse } = await import('~/http/errors/problem-response.server.ts');
      // A page's loader or action asks who the caller is.
      const page = async (args: Parameters<typeof requireUser>[0]) => {
        try {
          return Response.json((await requireUser(args)).userId);
        } catch (error) {
          return error instanceof Response ? error : problemResponse(error);
        }
      };
      return {
        'api/stream/active': await import('~/routes/api.stream.active.ts'),
        'api/stream/cleanup': await import('~/routes/api.stream.cleanup.ts'),
        'chat/:chatId': { loader: page, action: page },
      };
    },
    reply: (_, response) => replyJson(response, { streams: [] }),
    env: {
      CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from('x.clerk.accounts.dev$').toString('base64')}`,
      CLERK_SECRET_KEY: 'sk_test_of_the_tests',
      CLERK_JWT_KEY: publicPem,
      APP_ORIGIN: ORIGIN,
    },
  });
});
afterAll(() => app.close());
afterEach(() => {
  app.sidecar.requests.length = 0;
});

const now = () => Math.floor(Date.now() / 1000);
const claims = (changes: Record<string, unknown> = {}) => {
  const valid = {
    iss: ISSUER,
    sub: 'user_alice',
    sid: 'sess_1',
    azp: ORIGIN,
    iat: now() - 5,
    nbf: now() - 5,
    exp: now() + 55,
    v: 2,
  };
  return JSON.parse(JSON.stringify({ ...valid, ...changes })) as typeof valid;
};
const sessionToken = (changes: Record<string, unknown> = {}, key: KeyObject = ours.privateKey) =>
  new SignJWT(claims(changes)).setProtectedHeader({ alg: 'RS256', kid: 'ins_1', typ: 'JWT' }).sign(key);

/** The three cookies of a signed-in browser. */
const cookies = (token: string) => ({ cookie: `__session=${token}; __client_uat=${now() - 3600}; __clerk_db_jwt=x` });
const ask = (headers: Record<string, string>, path = '/api/stream/active', method = 'GET') =>
  fetch(app.url + path, { method, headers, redirect: 'manual' });

describe('a session token of Clerk', () => {
  test.each<[string, (token: string) => Record<string, string>]>([
    ['as a Bearer', (token) => ({ authorization: `Bearer ${token}` })],
    ['as a cookie', cookies],
  ])('identifies the person if it is sent %s', async (_, headers) => {
    expect((await ask(headers(await sessionToken()))).status).toBe(200);
    const token = app.sidecar.requests[0]!.headers.authorization!.replace('Bearer ', '');
    expect(decodeJwt(token)).toMatchObject({ sub: 'user_alice', aud: 'sidecar' });
  });

  const forged = async () => {
    const [head, , signature] = (await sessionToken()).split('.');
    return `${head}.${Buffer.from(JSON.stringify(claims({ sub: 'user_bob' }))).toString('base64url')}.${signature}`;
  };
  /** Signed with the public key as if it were a shared secret. */
  const confused = () => {
    const [head, body] = [{ alg: 'HS256', typ: 'JWT' }, claims()].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    return `${head}.${body}.${createHmac('sha256', publicPem).update(`${head}.${body}`).digest('base64url')}`;
  };
  const refused: [string, () => Promise<string> | string][] = [
    ['expired', () => sessionToken({ iat: now() - 120, nbf: now() - 120, exp: now() - 60 })],
    ['not valid yet', () => sessionToken({ nbf: now() + 600 })],
    ['forged', forged],
    ['signed with another key', () => sessionToken({}, theirs.privateKey)],
    ['not signed (alg none)', () => unsignedToken(claims())],
    ['signed with our public key (HS256)', confused],
    ['for another site (azp)', () => sessionToken({ azp: 'https://evil.example' })],
    ['for no site (no azp)', () => sessionToken({ azp: undefined })],
    ['without a session (no sid)', () => sessionToken({ sid: undefined })],
    ['of another instance (iss)', () => sessionToken({ iss: 'https://y.clerk.accounts.dev' })],
    ['of no person (no sub)', () => sessionToken({ sub: undefined })],
    ['no token at all', () => 'x.y.z'],
    ['a token for the sidecar', () => sidecarToken({ secret: SIDECAR_SECRET })],
  ];
  test.each(refused)('is refused when it is %s, as a Bearer and as a cookie', async (_, token) => {
    for (const headers of [{ authorization: `Bearer ${await token()}` }, cookies(await token())]) {
      const answer = await ask(headers);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'unauthorized' });
    }
    expect(app.sidecar.requests).toEqual([]);
  });

  test('is required: nobody becomes a guest', async () => {
    const answer = await ask({}, '/api/stream/cleanup', 'POST');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});

test('the Content-Security-Policy of the pages allows the scripts and servers of Clerk', async () => {
  const { securityHeaders } = await import('~/http/security-headers.server.ts');
  const policy = securityHeaders('n0')['content-security-policy']!;
  expect(policy).toContain(`script-src 'self' 'nonce-n0' ${ISSUER} `);
  expect(policy).toContain(`connect-src 'self' ${ISSUER} `);
});

describe('a page', () => {
  const browser = { accept: 'text/html', 'sec-fetch-dest': 'document' };
  /** Clerk's cookies of a browser that never signed in. */
  const signedOut = { cookie: '__client_uat=0; __clerk_db_jwt=x' };

  test('knows who is signed in', async () => {
    const answer = await ask({ ...browser, ...cookies(await sessionToken()) }, '/chat/c1');
    expect(await answer.json()).toBe('user_alice');
  });

  test('redirects a person who is signed out to the sign-in page, with the address to return to', async () => {
    const answer = await ask({ ...browser, ...signedOut }, '/chat/c1?x=1');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/sign-in?redirect_url=%2Fchat%2Fc1%3Fx%3D1');
  });

  test('redirects a person with an expired session to Clerk, which renews the session', async () => {
    const lapsed = await sessionToken({ iat: now() - 120, nbf: now() - 120, exp: now() - 60 });
    const answer = await ask({ ...browser, ...cookies(lapsed) }, '/chat/c1');
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toMatch(new RegExp(`^${ISSUER}/v1/client/handshake\\?`));
  });

  test('answers 401 to a form from an expired session instead of redirecting the form, so that the form’s text can be kept', async () => {
    const lapsed = await sessionToken({ iat: now() - 120, nbf: now() - 120, exp: now() - 60 });
    const answer = await ask({ ...browser, ...cookies(lapsed), origin: ORIGIN }, '/chat/c1', 'POST');
    expect(answer.status).toBe(401);
  });
});
