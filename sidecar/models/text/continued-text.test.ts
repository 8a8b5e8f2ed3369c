import { describe, expect, test } from 'vitest';
import { createContinuedText } from './continued-text.ts';

/** The whole answer; `null` if `text` begins another answer. Also checks that the size of the pieces makes no difference. */
function answered(before: string, text: string): string | null {
  const results = [1, 3, 7, 1000].map((size) => {
    const continued = createContinuedText(before);
    let whole = before;
    for (let at = 0; at < text.length; at += size) {
      const shown = continued.take(text.slice(at, at + size));
      if (shown === null) return null;
      whole += shown;
    }
    const rest = continued.flush();
    return rest === null ? null : whole + rest;
  });
  expect(new Set(results).size).toBe(1);
  return results[0]!;
}

describe('the text after a partial answer', () => {
  test('is appended unchanged', () => {
    expect(answered('Honey keeps because', ' it holds hardly any water, and bees seal it.')).toBe(
      'Honey keeps because it holds hardly any water, and bees seal it.',
    );
  });

  test('does not repeat the white space at the end of the partial answer', () => {
    for (const space of [' ', '\n', '\n\n', ' \n\n']) {
      expect(answered(`One.${space}`, `${space}Two.`)).toBe(`One.${space}Two.`);
      expect(answered(`One.${space}`, 'Two.')).toBe(`One.${space}Two.`);
    }
    expect(answered('One.\n', '\n\nTwo.')).toBe('One.\n\nTwo.');
    expect(answered('- one\n', '\n  - two')).toBe('- one\n  - two');
    expect(answered('- one\n\n', '\n- two')).toBe('- one\n\n- two');
  });

  test('keeps white space that the partial answer does not end with', () => {
    expect(answered('One. ', '\n\nTwo.')).toBe('One. \n\nTwo.');
    expect(answered('- one\n', '  - two')).toBe('- one\n  - two');
  });

  test('leaves out a repetition of the last words and of the white space after them', () => {
    expect(answered('The quick brown fox ', 'brown fox jumps over the dog')).toBe(
      'The quick brown fox jumps over the dog',
    );
  });

  test('is refused as a whole if it begins another answer', () => {
    const before = 'Paragraph 0 tells of the sea and of a boat.\n\nParagraph 1 tells of the sea';
    expect(answered(before, 'Certainly! Here is the whole story again, told in other words.')).toBe(null);
    expect(answered(before, 'Certainly! Here.')).toBe(null);
  });

  test.each([
    ['# The sea\n\nIt was a dark', '# The sea\n\nA story begins here with other words and goes on for long.'],
    ['**The sea**\n\nIt was a dark', '**The sea**\n\nOnce upon a time there was a man who lived here.'],
    ['It was a dark', '## Chapter 1\n\nOnce upon a time there was a man who lived in a house.'],
    ['从前有一座山，山里有一座庙，庙里', '从前有一座山，山里有一个老和尚，他每天都给小和尚讲故事，讲了很多很多年。'],
    ['```js\nlet a = 1;\nlet b', '```js\nlet x = 1;\nfunction other() { return 42; }\nconsole.log(x);\n```'],
  ])('is refused if it begins another answer after %j', (before, text) => {
    expect(answered(before, text)).toBe(null);
  });

  test.each([
    ['He had three sons who lived', '\n\nHe had three sons who lived by the sea.', ' by the sea.'],
    [
      'It had three sons\n\n',
      'Anna was the name of the daughter, who lived in a tower.',
      'Anna was the name of the daughter, who lived in a tower.',
    ],
    ['1. One\n2. Two\n3. Thr', '1. One\n2. Two\n3. Three\n4. Four', 'ee\n4. Four'],
    ['```sh\nls -l ', '# lists all files\ncd /', '# lists all files\ncd /'],
    ['```js\nlet a = 1;', '\n```\n\nThat is all.', '\n```\n\nThat is all.'],
    ['从前有一座山，山里有', '一座庙，庙里有一个老和尚。', '一座庙，庙里有一个老和尚。'],
  ])('counts as a continuation of %j', (before, text, rest) => {
    expect(answered(before, text)).toBe(before + rest);
  });

  test('may be empty', () => {
    expect(answered('All said.\n', '')).toBe('All said.\n');
  });
});
