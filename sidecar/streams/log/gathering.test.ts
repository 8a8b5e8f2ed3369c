import { expect, test } from 'vitest';
import { createGathering, gatherMs } from './gathering.ts';

const MANY = 1e6;

test('an idle process gathers nothing, even if it writes many chunks', () => {
  for (const utilization of [0, 0.05, 0.1]) expect(gatherMs(utilization, MANY)).toBe(0);
});

test('a busy process that writes little gathers nothing', () => {
  for (const chunks of [0, 10, 1000, 2500]) expect(gatherMs(1, chunks)).toBe(0);
});

test('the more a process writes, the longer it gathers, up to a bound', () => {
  const delays = Array.from({ length: 100 }, (_, i) => gatherMs(0.5, 1.15 ** i));
  expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  expect(delays.every(Number.isInteger)).toBe(true);
  expect([10_000, 100_000, MANY].map((chunks) => gatherMs(0.5, chunks))).toEqual([29, 70, 70]);
});

test('the busier a process is, the longer it gathers', () => {
  const delays = Array.from({ length: 101 }, (_, percent) => gatherMs(percent / 100, 10_000));
  expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  expect(delays.at(-1)).toBe(29);
});

test('a process that has just started gathers nothing', () => {
  const gathering = createGathering();
  gathering.tally(MANY);
  expect(gathering.delayMs).toBe(0);
  gathering.stop();
});
