import { expect, it } from 'vitest';
import { keepText, keptText } from './kept-text.server.ts';

const page = (path: string) => new Request(`http://localhost${path}`);

it('waits for the page it was written on, as often as that is asked for', () => {
  const path = keepText('/chat/c1', 'What I wrote');
  expect(path).toMatch(/^\/chat\/c1\?kept=[\w-]{22}$/);
  expect(keptText(page(path))).toBe('What I wrote');
  expect(keptText(page(path))).toBe('What I wrote');
  expect(keptText(page(keepText('/chat/c1?version=2', 'More')))).toBe('More');
});

it('is nothing for a page without it, with a guess, and after a while', () => {
  const now = Date.now();
  const path = keepText('/', 'Hello', now);
  expect(keptText(page('/'))).toBeNull();
  expect(keptText(page('/?kept=guess'))).toBeNull();
  expect(keptText(page(path), now + 16 * 60_000)).toBeNull();
});

it('holds a bounded amount', () => {
  const first = keepText('/', 'the first');
  const large = keepText('/', 'x'.repeat(1_000_000));
  expect(keptText(page(large))!.length).toBe(65_536);
  for (let n = 0; n < 500; n += 1) keepText('/', String(n));
  expect(keptText(page(first))).toBeNull();
});
