import { expect, test } from 'vitest';
import { parseFrame } from './body/json.ts';

test('a word of Python beside a text of many megabytes is read, too', () => {
  const text = 'NaN stays "as it is" \\ '.repeat(400_000);
  expect(parseFrame(`{"text":${JSON.stringify(text)},"score":NaN}`)).toEqual({ text, score: null });
});
