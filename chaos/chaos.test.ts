import { describe, test, type ExpectStatic } from 'vitest';
import { runChaos, type ChaosOptions } from './chaos.ts';
import { summarize } from './summary.ts';

/** Short enough for every test run. `npm run chaos` does the same for longer. */
const SHORT: Omit<ChaosOptions, 'seed' | 'profile'> = {
  durationMs: 7000,
  sidecars: 2,
  streams: 4,
  longestAnswerS: 4,
};

async function expectNoProblems(options: ChaosOptions, expect: ExpectStatic): Promise<void> {
  const report = await runChaos(options);
  expect(report.problems, summarize({ ...options, seconds: 0, report })).toEqual([]);
  expect(report.results.length).toBeGreaterThan(0);
}

describe.concurrent('streams and their readers, while everything breaks', { timeout: 180_000 }, () => {
  test.for(['1', '2'])('are exact to the byte if Redis keeps what it acknowledged (seed %s)', (seed, { expect }) =>
    expectNoProblems({ ...SHORT, seed, profile: 'durable' }, expect),
  );

  test('are exact to the byte on a Redis Cluster behind a load balancer (seed 4)', ({ expect }) =>
    expectNoProblems({ ...SHORT, sidecars: 3, hasRedisCluster: true, seed: '4', profile: 'durable' }, expect));

  test('are never a mix of two logs if Redis loses what it acknowledged (seed 3)', ({ expect }) =>
    expectNoProblems({ ...SHORT, seed: '3', profile: 'lossy' }, expect));
});
