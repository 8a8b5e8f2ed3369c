import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ConfigError, isLoopback, parseConfig } from './config.server.ts';

const SECRETS = { SIDECAR_SECRET: 'a long enough secret', SESSION_SECRET: 'another long enough secret' };
const GUESTS = { ...SECRETS, HOST: '127.0.0.1' };
const publishableKey = (host: string) => `pk_test_${Buffer.from(`${host}$`).toString('base64')}`;
const CLERK = {
  SIDECAR_SECRET: SECRETS.SIDECAR_SECRET,
  HOST: '127.0.0.1',
  CLERK_PUBLISHABLE_KEY: publishableKey('x.clerk.accounts.dev'),
  CLERK_SECRET_KEY: 'sk_test_x',
};

describe('the settings', () => {
  test('have defaults for everything but the secrets', () => {
    expect(parseConfig(GUESTS)).toEqual({
      development: false,
      port: 3000,
      host: '127.0.0.1',
      origins: [],
      sidecar: { url: 'http://127.0.0.1:4000', secret: SECRETS.SIDECAR_SECRET },
      clerk: null,
      sessionSecret: SECRETS.SESSION_SECRET,
      guestsFromAnywhere: false,
      trustProxy: 0,
      adminUserIds: new Set(),
      isForThisMachine: true,
      firstGuest: { file: null },
      shares: 'members',
      readerMaxMs: 900_000,
      maxRequestBytes: 1_048_576,
      otlpEndpoint: null,
    });
  });

  test('let a guest become the administrator if only this machine reaches the app and no administrator is configured', () => {
    const firstGuest = (more: Record<string, string>) => parseConfig({ ...GUESTS, ...more }).firstGuest;
    expect(firstGuest({ FIRST_GUEST_FILE: '/data/first' })).toEqual({ file: '/data/first' });
    expect(firstGuest({ APP_ORIGIN: 'http://localhost:3000' })).toEqual({ file: null });
    for (const more of [
      { ADMIN_USER_IDS: 'a' },
      { ALLOW_GUESTS: '1' },
      { TRUST_PROXY: '1' },
      { APP_ORIGIN: 'https://chat.example.com' },
    ] as Record<string, string>[])
      expect(firstGuest(more), JSON.stringify(more)).toBeNull();
    expect(parseConfig(CLERK).firstGuest).toBeNull();
  });

  test('count as not set if their value is empty', () => {
    expect(parseConfig({ ...GUESTS, PORT: '', SIDECAR_URL: ' ', CLERK_SECRET_KEY: '', APP_ORIGIN: '' }).port).toBe(
      3000,
    );
  });

  test('name the URL of the sidecar, or only its port', () => {
    expect(parseConfig({ ...GUESTS, SIDECAR_PORT: '4100' }).sidecar.url).toBe('http://127.0.0.1:4100');
    const both = { ...GUESTS, SIDECAR_PORT: '4100', SIDECAR_URL: 'http://sidecar:4000' };
    expect(parseConfig(both).sidecar.url).toBe('http://sidecar:4000');
  });

  test('can name several administrators and origins', () => {
    const config = parseConfig({
      ...GUESTS,
      ADMIN_USER_IDS: 'a, b',
      APP_ORIGIN: 'https://a.example/, http://b.example:8080',
    });
    expect(config.adminUserIds).toEqual(new Set(['a', 'b']));
    expect(config.origins).toEqual(['https://a.example', 'http://b.example:8080']);
  });

  test('need no secret for guests if the keys of Clerk are set', () => {
    const { clerk, sessionSecret } = parseConfig({ ...CLERK, CLERK_JWT_KEY: '-----BEGIN PUBLIC KEY-----\\nx\\n' });
    expect(sessionSecret).toBeNull();
    expect(clerk).toEqual({
      publishableKey: CLERK.CLERK_PUBLISHABLE_KEY,
      secretKey: 'sk_test_x',
      jwtKey: '-----BEGIN PUBLIC KEY-----\nx\n',
      issuer: 'https://x.clerk.accounts.dev',
      authorizedParties: ['http://localhost:3000', 'http://127.0.0.1:3000'],
    });
  });

  test('limit session tokens of Clerk to the configured origin', () => {
    const { clerk } = parseConfig({ ...CLERK, HOST: '0.0.0.0', APP_ORIGIN: 'https://chat.example.com' });
    expect(clerk?.authorizedParties).toEqual(['https://chat.example.com']);
  });

  test.each([
    ['no secret for the sidecar', { ...GUESTS, SIDECAR_SECRET: undefined }, /^SIDECAR_SECRET is not set/],
    ['no secret for guests', { ...GUESTS, SESSION_SECRET: undefined }, /^SESSION_SECRET is not set/],
    ['a short secret', { ...GUESTS, SIDECAR_SECRET: 'short' }, /^SIDECAR_SECRET must be /],
    ['an invalid port', { ...GUESTS, PORT: 'http' }, /^PORT must be /],
    ['a port out of range', { ...GUESTS, SIDECAR_PORT: '70000' }, /^SIDECAR_PORT must be /],
    ['an invalid address', { ...GUESTS, SIDECAR_URL: 'localhost' }, /^SIDECAR_URL must be /],
    ['an invalid origin', { ...GUESTS, APP_ORIGIN: 'chat.example.com' }, /^APP_ORIGIN must be /],
    [
      'the publishable key of Clerk without the secret key',
      { ...CLERK, CLERK_SECRET_KEY: undefined },
      /PUBLISHABLE_KEY is set without CLERK_SECRET_KEY/,
    ],
    [
      'the secret key of Clerk without the publishable key',
      { ...CLERK, CLERK_PUBLISHABLE_KEY: undefined },
      /SECRET_KEY is set without CLERK_PUBLISHABLE_KEY/,
    ],
    ["only Clerk's key to verify tokens", { ...GUESTS, CLERK_JWT_KEY: 'x' }, /^CLERK_JWT_KEY is set without/],
    [
      'an invalid publishable key',
      { ...CLERK, CLERK_PUBLISHABLE_KEY: 'pk_test_x' },
      /^CLERK_PUBLISHABLE_KEY is not a publishable key/,
    ],
    ['Clerk on all interfaces without APP_ORIGIN', { ...CLERK, HOST: '0.0.0.0' }, /^APP_ORIGIN is not set/],
    ['an invalid secret key', { ...CLERK, CLERK_SECRET_KEY: 'pk_test_x' }, /^CLERK_SECRET_KEY is not a secret key/],
    [
      'one key for testing and one live key',
      { ...CLERK, CLERK_SECRET_KEY: 'sk_live_x' },
      /^CLERK_SECRET_KEY and CLERK_PUBLISHABLE_KEY/,
    ],
    ['an invalid verification key', { ...CLERK, CLERK_JWT_KEY: 'x' }, /^CLERK_JWT_KEY is not a public key in PEM/],
    ['guests if other machines reach the app', { ...SECRETS, HOST: '0.0.0.0' }, /^HOST is 0\.0\.0\.0/],
    ['guests without HOST, because the app then listens on every interface', SECRETS, /^HOST is 0\.0\.0\.0/],
  ])('are refused with one line: %s', (_, environment, message) => {
    expect(() => parseConfig(environment)).toThrowError(ConfigError);
    expect(() => parseConfig(environment)).toThrowError(message);
    expect(() => parseConfig(environment)).not.toThrowError(/\n/);
  });

  test('that are invalid end the process with status 78, after one line for each of them', () => {
    const module = fileURLToPath(new URL('config.server.ts', import.meta.url));
    const script = `import(${JSON.stringify(module)}).then(({ config }) => config())`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
      env: { ...process.env, ...GUESTS, PORT: 'x', TRUST_PROXY: 'one', SESSION_SECRET: 'hush' },
      encoding: 'utf8',
    });
    expect(status).toBe(78);
    expect(stderr.trim().split('\n')).toEqual([
      '[rejoin] PORT must be a port, 1 to 65535; given: x.',
      '[rejoin] SESSION_SECRET must be at least 16 characters long.',
      '[rejoin] TRUST_PROXY must be a whole number of proxies, 0 to 16; given: one.',
    ]);
  });

  test('with ALLOW_GUESTS=1 let in everybody who reaches the app', () => {
    expect(parseConfig({ ...SECRETS, HOST: '0.0.0.0', ALLOW_GUESTS: '1' }).guestsFromAnywhere).toBe(true);
  });
});

test.each(['localhost', 'app.localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', 'LOCALHOST'])(
  '%s is a name or an address that only this machine reaches',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);
test.each(['0.0.0.0', '::', '192.168.1.1', 'localhost.evil.example', '127.0.0.1.evil.example', '1270.0.0.1', ''])(
  '%j is not a name or an address that only this machine reaches',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);
