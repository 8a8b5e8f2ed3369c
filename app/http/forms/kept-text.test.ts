import { expect, test } from 'vitest';
import { keepText, keptText } from './kept-text.server.ts';

const page = (path: string, cookie = '') => new Request(`http://localhost${path}`, { headers: { cookie } });
const cookieIn = (setCookie: string) => setCookie.split(';')[0]!;
let addresses = 0;

/** Keeps a text. `read` returns what the page at the returned path gets. */
function keep(
  text: string,
  { path = '/chat/c1', person = 'alice' as string | null, address = `a${++addresses}`, now = Date.now() } = {},
) {
  const answer = keepText({ path, text, address, person, now });
  return {
    ...answer,
    read: (as = 'alice', cookie = cookieIn(answer.cookie), at = now) =>
      keptText(page(answer.path, cookie), { person: as, now: at }),
  };
}

test('a kept text is given to the page it was written on, each time that page is loaded', () => {
  const { path, cookie, read } = keep('What I wrote');
  expect(path).toMatch(/^\/chat\/c1\?kept=[\w-]{22}$/);
  expect(cookie).toMatch(/; HttpOnly; SameSite=Lax$/);
  expect([read(), read()]).toEqual(['What I wrote', 'What I wrote']);
  expect(keep('More', { path: '/chat/c1?version=2' }).read()).toBe('More');
});

test('a kept text is given only to the person who wrote it, and only in the browser in which it was written', () => {
  const { read, path } = keep('Mine');
  expect(read('bob')).toBeNull();
  expect(read('alice', '')).toBeNull();
  expect(read('alice', cookieIn(keep('Another one').cookie))).toBeNull();
  expect(keptText(page(path, 'rejoin_kept=guess'), { person: 'alice' })).toBeNull();
  // The writer was not signed in, so the text belongs to the person who signs in with this browser.
  expect(keep('Mine', { person: null }).read('carol')).toBe('Mine');
});

test('a kept text is not found without its id in the URL, with a guessed id, or after a quarter of an hour', () => {
  const now = Date.now();
  const { cookie, read } = keep('Hello', { now });
  for (const path of ['/', '/?kept=guess', '/?kept=__proto__']) {
    expect(keptText(page(path, cookieIn(cookie)), { person: 'alice' })).toBeNull();
  }
  expect(read('alice', cookieIn(cookie), now + 16 * 60_000)).toBeNull();
});

test('the size and the number of kept texts are limited, and one client cannot push out the texts of others', () => {
  const mine = keep('Mine');
  expect(keep('x'.repeat(1_000_000)).read()!.length).toBe(65_536);
  const flood = Array.from({ length: 600 }, (_, n) => keep(String(n), { address: 'flood' }));
  expect(flood.filter(({ read }) => read() !== null)).toHaveLength(5);
  // If there is no more room, the address with the most texts loses one. Here each of 250 addresses has several.
  for (let n = 0; n < 1200; n++) keep(String(n), { address: `f${n % 250}` });
  expect(mine.read()).toBe('Mine');
});
