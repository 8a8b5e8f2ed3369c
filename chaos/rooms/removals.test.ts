import { expect, test } from 'vitest';
import { runRemovals } from './removals.ts';

test.for(['1', '2'])(
  'a removed member receives nothing after the time limit, while everything breaks (seed %s)',
  { timeout: 240_000 },
  async (seed) => {
    const report = await runRemovals({ seed, durationMs: 8000, sidecars: 2, rooms: 2 });
    expect(report.problems).toEqual([]);
    expect(report.removals).toBeGreaterThan(1);
  },
);
