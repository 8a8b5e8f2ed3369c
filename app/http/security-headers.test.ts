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

test('let only scripts run that this server wrote into the page', () => {
  expect(policy).toContain("script-src 'self' 'nonce-n0nce'");
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("object-src 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy.join()).not.toMatch(/unsafe/);
});

test('let a page load from and send to no other server', () => {
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("img-src 'self' data:");
  expect(policy).toContain("form-action 'self'");
  expect(policy.join()).not.toMatch(/https?:/);
});

test('let only our pages frame it', () => {
  expect(policy).toContain("frame-ancestors 'self'");
});

test('include the other usual ones, and HSTS if people reach the app by HTTPS', () => {
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
    'referrer-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
  });
});
