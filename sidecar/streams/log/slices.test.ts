import { expect, test } from 'vitest';
import { slicesOf } from './slices.ts';

test('everything is in one slice, in its order, and none is longer than asked', () => {
  const items = Array.from({ length: 10 }, (_, i) => i);
  expect([...slicesOf(items, 4)]).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
  expect([...slicesOf(items, 10)]).toEqual([items]);
  expect([...slicesOf([], 4)]).toEqual([]);
});
