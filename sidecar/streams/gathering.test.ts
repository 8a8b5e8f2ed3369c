import { expect, test } from 'vitest';
import { createGathering, gatherMs } from './gathering.ts';

test('an idle process gathers nothing, and the busier it is the longer, up to a bound', () => {
  expect([0, 0.1, 0.25].map(gatherMs)).toEqual([0, 0, 0]);
  expect([0.65, 0.9, 1].map(gatherMs)).toEqual([25, 25, 25]);
  const delays = Array.from({ length: 101 }, (_, percent) => gatherMs(percent / 100));
  expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  expect(delays.every(Number.isInteger)).toBe(true);
});

test('a process that has just begun gathers nothing', () => {
  const gathering = createGathering();
  expect(gathering.delayMs).toBe(0);
  gathering.stop();
});
