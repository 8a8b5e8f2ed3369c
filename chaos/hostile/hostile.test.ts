import { expect, test, vi } from 'vitest';
import { runHostile } from './hostile.ts';
import { shortcomings } from './verdict.ts';

vi.setConfig({ testTimeout: 300_000 });

test('honest readers lose nothing while one client makes all attacks at once, and no process grows too much', async () => {
  const streams = 20;
  const report = await runHostile({ streams, seconds: 15, say: () => {} });
  expect(report.answers.size).toBeGreaterThan(10);
  expect(shortcomings(report, { streams, isTimed: false })).toEqual([]);
});
