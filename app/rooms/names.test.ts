import { expect, test } from 'vitest';
import { initialsOf } from './avatar.tsx';
import { knownName, nameCookie } from './person-name.server.ts';

const cookieOf = (name: string): string => nameCookie(name).split(';')[0]!;
const named = (cookie: string, name?: string) =>
  knownName(new Request('http://app.test/', { headers: { cookie } }), { name });

test.each(['Ana', 'Ana María O’Neill', 'a;b=c, "d"', '李明', '🙂 x', '%zz'])(
  'the name %s is remembered in a cookie',
  (name) => {
    expect(named(`theme=dark; ${cookieOf(name)}; language=de`)).toBe(name);
  },
);

test('the name of the account has precedence over the name in the cookie, and invalid names are ignored', () => {
  expect(named(cookieOf('Ana'), 'Ana López')).toBe('Ana López');
  expect(named(cookieOf('Ana'), ' \u202E ')).toBe('Ana');
  for (const value of ['%E0%A4%A', '', '%00%0a', 'x y'.repeat(1000)])
    expect([value, named(`rejoin_name=${value}`)]).toEqual([value, null]);
});

test.each([
  ['Ana María López', 'AL'],
  ['ana', 'A'],
  ['istanbul ızgara', 'II'],
  ['ßa', 'S'],
  ['李明', '李'],
  ['<img src=x>', 'IS'],
  ['🙂 !!', '?'],
  ['', '?'],
])('the initials of %s are %s', (name, initials) => expect(initialsOf(name)).toBe(initials));
