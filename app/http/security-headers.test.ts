import { beforeAll, expect, test } from 'vitest';
import { SESSION_SECRET, SIDECAR_SECRET } from '~/testing/serve-app.ts';

let headers: Record<string, string>;
let policy: string[];

beforeAll(async () => {
  Object.assign(process.env, {
    HOST: '127.0.0.1',
    SIDECAR_SECRET,
    SESSION_SECRET,
    APP_ORIGIN: 'https://chat.example.com',
  });
  const { securityHeaders } = await import('./security-headers.server.ts');
  headers = securityHeaders('n0nce');
  policy = headers['content-security-policy']!.split('; ');
});

test('a page can run only scripts of this server', () => {
  expect(policy).toContain("script-src 'self' 'nonce-n0nce'");
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("object-src 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy.join()).not.toMatch(/unsafe/);
});

test('a page can neither load anything from another server nor send anything to it', () => {
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("img-src 'self' data:");
  expect(policy).toContain("form-action 'self'");
  expect(policy.join()).not.toMatch(/https?:/);
});

test('only pages of this app can show a page in an iframe', () => {
  expect(policy).toContain("frame-ancestors 'self'");
});

test('the other usual headers are set, and HSTS is set if people reach the app by HTTPS', () => {
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
    'referrer-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
  });
});
