import { expect, test } from 'vitest';
import type { FaultKind } from '../faults.ts';
import { createFaultTimes } from './fault-times.ts';

test('adds up the time in which a sidecar could not read from Redis, and counts overlapping faults once', () => {
  let now = 0;
  const times = createFaultTimes(() => now);
  const fault = (atMs: number, kind: FaultKind, index: number, forMs: number) => {
    now = atMs;
    times.begins({ atMs, kind, index, forMs });
  };
  fault(1000, 'cut off from Redis', 0, 500);
  fault(2000, 'sidecar frozen', 0, 3000);
  fault(10_000, 'Redis frozen', 0, 3000);
  const span = { from: 2000, until: 12_000 };
  // After each fault, a sidecar has 2.5 s to recover. So within the span, sidecar 0 was cut off from 2000 to 7500
  // and from 10000 to the end.
  expect(times.cutOffMs({ sidecar: 0, ...span })).toBe(5500 + 2000);
  expect(times.cutOffMs({ sidecar: 1, ...span })).toBe(2000);
  expect(times.cutOffMs({ sidecar: 1, from: 0, until: 9000 })).toBe(0);
});
