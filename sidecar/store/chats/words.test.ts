import { expect, test } from 'vitest';
import { wordsIn } from './words.ts';

test('of a long text only the beginning is searched, so that its end holds nobody up', () => {
  const words = wordsIn(`early ${'again '.repeat(50_000)} late`).split('\n');
  expect(words).toContain('early');
  expect(words).toContain('again');
  expect(words).not.toContain('late');
});
