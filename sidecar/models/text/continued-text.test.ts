import { describe, expect, test } from 'vitest';
import { createContinuedText } from './continued-text.ts';

/**
 * The whole answer; `null` if the model began another one. Checks that the division into pieces makes no difference.
 */
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
  test('is joined to it without a change', () => {
    expect(answered('Honey keeps because', ' it holds hardly any water, and bees seal it.')).toBe(
      'Honey keeps because it holds hardly any water, and bees seal it.',
    );
  });

  test('has the white space between them once, whether the model repeats it or not', () => {
    for (const space of [' ', '\n', '\n\n', ' \n\n']) {
      expect(answered(`One.${space}`, `${space}Two.`)).toBe(`One.${space}Two.`);
      expect(answered(`One.${space}`, 'Two.')).toBe(`One.${space}Two.`);
    }
    expect(answered('One.\n', '\n\nTwo.')).toBe('One.\n\nTwo.');
    expect(answered('- one\n', '\n  - two')).toBe('- one\n  - two');
  });

  test('leaves out a repetition, even if its white space differs', () => {
    expect(answered('The quick brown fox ', 'brown fox jumps over the dog')).toBe(
      'The quick brown fox jumps over the dog',
    );
  });

  test('is refused as a whole if another answer begins', () => {
    const before = 'Paragraph 0 tells of the sea and of a boat.\n\nParagraph 1 tells of the sea';
    expect(answered(before, 'Certainly! Here is the whole story again, told in other words.')).toBe(null);
    expect(answered(before, 'Certainly! Here.')).toBe(null);
  });

  test('may be empty', () => {
    expect(answered('All said.\n', '')).toBe('All said.\n');
  });
});
