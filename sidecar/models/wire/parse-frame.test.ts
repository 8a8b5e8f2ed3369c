import { expect, test } from 'vitest';
import { parseFrame } from './body/json.ts';

test('NaN, as Python writes it, is read as null, even in a frame of many megabytes', () => {
  const text = 'NaN stays "as it is" \\ '.repeat(400_000);
  expect(parseFrame(`{"text":${JSON.stringify(text)},"score":NaN}`)).toEqual({ text, score: null });
});
