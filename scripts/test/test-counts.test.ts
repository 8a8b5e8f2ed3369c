import { expect, test } from 'vitest';
import { closingLine, countPlaywright, countVitest, readCounts } from './test-counts.ts';

test('counts vitest, a file that does not load as a failure', () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 0,
    numTodoTests: 2,
    testResults: [
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'failed', assertionResults: [] },
    ],
  };
  expect(countVitest(report)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

test('counts Playwright: what passed when it was tried again has passed, an error outside of tests is a failure', () => {
  const report = { stats: { expected: 7, unexpected: 1, flaky: 1, skipped: 3 }, errors: [{}] };
  expect(countPlaywright(report)).toEqual({ passed: 8, failed: 2, skipped: 3 });
});

test('a run that failed without a report is one failure', () => {
  const counts = readCounts('/nowhere/report.json', { count: countVitest, exitCode: 1 });
  expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a run that succeeded without a report is an error', () => {
  expect(() => readCounts('/nowhere/report.json', { count: countVitest, exitCode: 0 })).toThrow('ENOENT');
});

test('the closing line is the sum, and names skipped tests only where there are any', () => {
  const some = { passed: 400, failed: 0, skipped: 0 };
  expect(closingLine([some, { passed: 12, failed: 0, skipped: 0 }])).toBe('412 passed, 0 failed');
  expect(closingLine([some, { passed: 1, failed: 2, skipped: 3 }])).toBe('401 passed, 2 failed, 3 skipped');
});
