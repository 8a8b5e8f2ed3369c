import { describe, expect, it } from 'vitest';
import { runChaos, type ChaosOptions } from './chaos.ts';
import { summarize } from './summary.ts';

/** Small enough to be part of every test run; `npm run chaos` does the same for longer. */
const SHORT: Omit<ChaosOptions, 'seed' | 'profile'> = { durationMs: 9000, sidecars: 2, streams: 4 };
const TIMEOUT_MS = 180_000;

async function expectNoProblems(options: ChaosOptions): Promise<void> {
  const report = await runChaos(options);
  expect(report.problems, summarize({ ...options, seconds: 0, report })).toEqual([]);
  expect(report.results.length).toBeGreaterThan(0);
}

describe('streams and their readers, while everything breaks', () => {
  it.each(['1', '2'])(
    'are exact to the byte where Redis keeps what it acknowledged (seed %s)',
    (seed) => expectNoProblems({ ...SHORT, seed, profile: 'durable' }),
    TIMEOUT_MS,
  );

  it(
    'are never spliced where Redis loses what it acknowledged (seed 3)',
    () => expectNoProblems({ ...SHORT, seed: '3', profile: 'lossy' }),
    TIMEOUT_MS,
  );
});
