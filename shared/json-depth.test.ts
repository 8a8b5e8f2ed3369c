import { expect, test } from 'vitest';
import { jsonDepth, MAX_JSON_DEPTH } from './json-depth.ts';
import { parseJsonBody } from './parse-request.ts';

test.each([
  ['1', 0],
  ['[]', 1],
  ['[{"a":[]}, [1]]', 3],
  ['"[[[["', 0],
  ['["\\"[[[", "\\\\"]', 1],
  ['', 0],
])('%s has the depth %i', (text, depth) => {
  expect(jsonDepth(text)).toBe(depth);
});

test('a body is refused if its lists or objects are nested deeper than in any valid message', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(parseJsonBody(nested(MAX_JSON_DEPTH))).toBeDefined();
  for (const text of [
    nested(MAX_JSON_DEPTH + 1),
    '{"a":'.repeat(2500) + '1' + '}'.repeat(2500),
    '['.repeat(1_000_000),
  ]) {
    expect(() => parseJsonBody(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  }
});
