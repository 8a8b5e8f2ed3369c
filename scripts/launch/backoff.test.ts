import { expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';

test('waits twice as long each time, up to five seconds', () => {
  const backoff = createBackoff();
  const waits = Array.from({ length: 7 }, () => backoff.nextDelayMs(10));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
});

test('starts again with the first delay after half a minute without an exit', () => {
  const backoff = createBackoff();
  backoff.nextDelayMs(10);
  backoff.nextDelayMs(29_999);
  expect(backoff.nextDelayMs(30_000)).toBe(250);
  expect(backoff.nextDelayMs(10)).toBe(500);
});
