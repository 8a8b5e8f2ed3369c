import { expect, test } from 'vitest';
import { slicesOf } from './slices.ts';

test('every item is in one slice, in order, and no slice is longer than the limit', () => {
  const items = Array.from({ length: 10 }, (_, i) => i);
  expect([...slicesOf(items, 4)]).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
  expect([...slicesOf(items, 10)]).toEqual([items]);
  expect([...slicesOf([], 4)]).toEqual([]);
});
