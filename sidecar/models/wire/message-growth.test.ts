import { expect, test } from 'vitest';
import { createMessageGrowth } from './message-growth.ts';

const added = (...messages: string[]): string[] => {
  const growth = createMessageGrowth();
  return messages.map((message) => growth.take(message));
};

test('messages with only new words add all their words', () => {
  expect(added('Salt ', 'keeps ', 'fish.')).toEqual(['Salt ', 'keeps ', 'fish.']);
});

test('of messages with all words so far, each adds what is new', () => {
  expect(added('Salt ', 'Salt keeps ', 'Salt keeps fish.', 'Salt keeps fish.')).toEqual([
    'Salt ',
    'keeps ',
    'fish.',
    '',
  ]);
});

test('a last message with all words adds nothing to messages with new words', () => {
  expect(added('Salt ', 'keeps ', 'fish.', 'Salt keeps fish.')).toEqual(['Salt ', 'keeps ', 'fish.', '']);
});

test('an end that a server may change is held back', () => {
  expect(added('A fox: ', 'A fox: \ufffd', 'A fox: 🦊 runs', 'A fox: 🦊 runs')).toEqual(['A fox: ', '', '🦊 runs', '']);
});

test('an end that was held back comes with the next words, or at the end', () => {
  const growth = createMessageGrowth();
  expect(['Salt ▌', 'Salt keeps ▌'].map((message) => growth.take(message))).toEqual(['Salt ', 'keeps ']);
  expect(growth.rest()).toBe('▌');
  expect(added('one █', 'two')).toEqual(['one ', '█two']);
});

test('after deltas, a message adds only what goes beyond them, whatever the deltas contain', () => {
  const words = ['Grüße, ', 'aus 東京', ' 🦊 "quoted"\n', '\\ and a long rest of the text', ' until here'];
  for (let parsed = 1; parsed <= words.length; parsed += 1) {
    const growth = createMessageGrowth();
    for (const word of words.slice(0, parsed)) growth.addDelta(word);
    growth.addWritten(words.slice(parsed).map((word) => Buffer.from(JSON.stringify(word).slice(1, -1))));
    const text = words.join('');
    expect(growth.take('Another answer, which is longer than the text in deltas, and does not begin like it')).toBe('');
    expect(growth.take(text)).toBe('');
    expect(growth.take(`${text}, and on.`)).toBe(', and on.');
  }
});

test('escapes of UTF-16 count as one character each', () => {
  const growth = createMessageGrowth();
  growth.addDelta('A');
  growth.addWritten([Buffer.from(String.raw`\ud83e\udd8a\u00e9\n`)]);
  expect(growth.take('A🦊é\nB')).toBe('B');
});

test('a message that differs from the deltas in the middle adds nothing', () => {
  const growth = createMessageGrowth();
  for (const word of 'Salt keeps fish and meat for many months, and so does smoke.'.split(/(?= )/))
    growth.addDelta(word);
  expect(growth.take('Salt keeps fish and meat for many months, and so does smoke [1].')).toBe('');
});
