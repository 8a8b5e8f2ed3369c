import { expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';

test('the delay doubles each time, up to five seconds', () => {
  const backoff = createBackoff();
  const waits = Array.from({ length: 7 }, () => backoff.nextDelayMs(10));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
});

test('the delay is 250 ms again after a run of half a minute', () => {
  const backoff = createBackoff();
  backoff.nextDelayMs(10);
  backoff.nextDelayMs(29_999);
  expect(backoff.nextDelayMs(30_000)).toBe(250);
  expect(backoff.nextDelayMs(10)).toBe(500);
});
