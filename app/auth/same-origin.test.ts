import { describe, expect, test } from 'vitest';
import { assertSameOriginOf } from './same-origin.server.ts';

const HOST = { host: 'chat.example.com' };
const OWN = 'https://chat.example.com';
const request = (headers: Record<string, string>, method = 'POST') => ({
  method,
  headers: new Headers({ ...HOST, ...headers }),
});
const check =
  (headers: Record<string, string>, origins: string[] = [], method = 'POST') =>
  () =>
    assertSameOriginOf(request(headers, method), origins);

describe('a request that may change something', () => {
  test.each<[string, Record<string, string>, string[]?]>([
    ['from a page of this app', { origin: OWN, 'sec-fetch-site': 'same-origin', cookie: 'a=1' }],
    ['if a person typed its URL or reloaded the page', { 'sec-fetch-site': 'none', cookie: 'a=1' }],
    ['from an older browser', { origin: OWN, cookie: 'a=1' }],
    ['if a proxy ends TLS', { origin: 'http://chat.example.com', cookie: 'a=1' }],
    [
      'if a proxy replaces Host and names the original one in X-Forwarded-Host',
      { host: '127.0.0.1:3000', 'x-forwarded-host': 'chat.example.com', origin: OWN },
    ],
    ['if a proxy replaces Host and the origin is configured', { host: '127.0.0.1:3000', origin: OWN }, [OWN]],
    ['without a browser and without a cookie', {}],
    ['with a token', { authorization: 'Bearer x' }],
  ])('is allowed %s', (_, headers, origins) => {
    expect(check(headers, origins)).not.toThrow();
  });

  test.each<[string, Record<string, string>, string[]?]>([
    ['from another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', cookie: 'a=1' }],
    ['from another site, even if only Origin says so', { origin: 'https://evil.example', cookie: 'a=1' }],
    ['from another site, even if only Sec-Fetch-Site says so', { 'sec-fetch-site': 'cross-site' }],
    [
      'from another port or subdomain',
      { origin: 'https://other.example.com', 'sec-fetch-site': 'same-site', cookie: 'a=1' },
    ],
    ['from a page without an origin', { origin: 'null', cookie: 'a=1' }],
    ['from another site with a token', { origin: 'https://evil.example', authorization: 'Bearer x' }],
    ['from another site without a cookie', { origin: 'https://evil.example' }],
    ['with a cookie, but without Origin and Sec-Fetch-Site', { cookie: 'a=1' }],
    [
      'if Origin names another site, although Sec-Fetch-Site does not',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['from another site, also if an origin is configured', { origin: 'https://evil.example', cookie: 'a=1' }, [OWN]],
  ])('is refused %s', (_, headers, origins) => {
    expect(check(headers, origins)).toThrowError(expect.objectContaining({ code: 'forbidden_origin' }));
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'is refused with the method %s and a cookie, but without Origin and Sec-Fetch-Site',
    (method) => {
      expect(check({ cookie: 'a=1' }, [], method)).toThrow();
    },
  );
});

test.each(['GET', 'HEAD'])('%s changes nothing, so it is allowed from anywhere', (method) => {
  expect(
    check({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', cookie: 'a=1' }, [], method),
  ).not.toThrow();
});
