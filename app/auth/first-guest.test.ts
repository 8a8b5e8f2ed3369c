import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { makeAdminLink } from '../../scripts/launch/admin-link.ts';
import { createFirstGuest } from './first-guest.server.ts';

const folder = mkdtempSync(join(tmpdir(), 'rejoin-first-guest-'));
const file = join(folder, 'deep', 'first-guest');
const env = {
  HOST: '127.0.0.1',
  SIDECAR_SECRET: 'a sidecar secret of tests',
  SESSION_SECRET: 'a session secret of tests',
  FIRST_GUEST_FILE: file,
};
const tokenOf = (link: string | null) => new URL(link!, 'http://app').searchParams.get('token')!;

afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(join(folder, 'deep'), { recursive: true, force: true }));

test('nobody is the administrator before the link is opened, not even the first guest', () => {
  const guests = createFirstGuest({ file });
  makeAdminLink(env);
  expect([
    guests.is('guest_a'),
    guests.is(''),
    guests.claim('', 'guest_a'),
    guests.claim('a-guess', 'guest_a'),
  ]).toEqual([false, false, false, false]);
});

test('the link works once across all processes, and its token is in no file', () => {
  const token = tokenOf(makeAdminLink(env));
  const [one, other] = [createFirstGuest({ file }), createFirstGuest({ file })];
  for (const name of readdirSync(join(folder, 'deep'))) {
    expect(readFileSync(join(folder, 'deep', name), 'utf8')).not.toContain(token);
  }
  expect(one.claim(token, 'guest_a')).toBe(true);
  expect(other.claim(token, 'guest_b')).toBe(false);
  expect([other.is('guest_a'), other.is('guest_b')]).toEqual([true, false]);
});

test('only the link of the latest start works, and the guest who opens it replaces the earlier administrator', () => {
  const guests = createFirstGuest({ file });
  const old = tokenOf(makeAdminLink(env));
  const token = tokenOf(makeAdminLink(env));
  expect(guests.claim(old, 'guest_a')).toBe(false);
  expect(guests.claim(token, 'guest_b')).toBe(true);
  expect(guests.claim(tokenOf(makeAdminLink(env)), 'guest_c')).toBe(true);
  expect([guests.is('guest_b'), guests.is('guest_c')]).toEqual([false, true]);
});

test.each([
  { ADMIN_USER_IDS: 'somebody' },
  { HOST: '0.0.0.0', ALLOW_GUESTS: '1' },
  { TRUST_PROXY: '1' },
  { SESSION_SECRET: '' },
])('no link is made with the settings %j', (more) => {
  expect(makeAdminLink({ ...env, ...more })).toBeNull();
});
