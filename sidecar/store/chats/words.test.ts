import { expect, test } from 'vitest';
import { wordsIn } from './words.ts';

test('of a long text only the beginning is searched, so that its end holds nobody up', () => {
  const words = wordsIn(`early ${'again '.repeat(50_000)} late`);
  expect(words).toBe('early\nagain\n');
});
