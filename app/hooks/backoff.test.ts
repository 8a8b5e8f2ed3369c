import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('the limit of the delay doubles with each attempt, from 250 ms up to 15 s', () => {
  expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, 1))).toEqual([250, 500, 1000, 2000]);
  expect(backoffMs(7, 1)).toBe(15_000);
  expect(backoffMs(100_000, 1)).toBe(15_000);
});

test('a delay is at least half of its limit', () => {
  expect(backoffMs(3, 0)).toBe(500);
  expect(backoffMs(3, 0.5)).toBe(750);
});
