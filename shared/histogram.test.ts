import { describe, expect, test } from 'vitest';
import { addCounts, binOf, quantile } from './histogram.ts';

const BOUNDS = [10, 20, 40];

describe('a histogram', () => {
  test('counts a value in the bin of the first bound that is at least as large, or in the last bin', () => {
    expect([0, 10, 11, 40, 41].map((value) => binOf(value, BOUNDS))).toEqual([0, 0, 1, 2, 3]);
  });

  test('has no quantile while it is empty', () => {
    expect(quantile([], BOUNDS, 0.5)).toBeNull();
    expect(quantile([0, 0, 0, 0], BOUNDS, 0.95)).toBeNull();
  });

  test('interpolates a quantile between the two bounds of its bin', () => {
    expect(quantile([0, 4, 0, 0], BOUNDS, 0.5)).toBe(15);
    expect(quantile([10, 0, 10, 0], BOUNDS, 0.95)).toBe(38);
    expect(quantile([1, 0, 0, 0], BOUNDS, 1)).toBe(10);
  });

  test('returns the last bound for a quantile above it', () => {
    expect(quantile([0, 0, 0, 7], BOUNDS, 0.5)).toBe(40);
  });

  test('can be added to another one, even to an empty one, and the sum has the quantiles of all values', () => {
    const values = [3, 12, 12, 18, 30, 39, 50];
    const countsOf = (some: number[]) =>
      some.reduce<number[]>(
        (counts, value) => counts.with(binOf(value, BOUNDS), counts[binOf(value, BOUNDS)]! + 1),
        [0, 0, 0, 0],
      );
    const sum = addCounts(countsOf(values.slice(0, 3)), countsOf(values.slice(3)));
    for (const q of [0.1, 0.5, 0.95]) expect(quantile(sum, BOUNDS, q)).toBe(quantile(countsOf(values), BOUNDS, q));
    expect(addCounts([], [1])).toEqual([1]);
  });
});
