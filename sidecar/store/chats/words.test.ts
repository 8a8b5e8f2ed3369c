import { expect, test } from 'vitest';
import { wordsIn } from './words.ts';

test('only the beginning of a long text is searched, so that nobody waits for the rest', () => {
  const words = wordsIn(`early ${'again '.repeat(50_000)} late`).split('\n');
  expect(words).toContain('early');
  expect(words).toContain('again');
  expect(words).not.toContain('late');
});
