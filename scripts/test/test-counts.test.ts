import { expect, test } from 'vitest';
import { closingLine, countPlaywright, countVitest, flakyLines, readCounts } from './test-counts.ts';

test('the tests of a vitest report are counted, and a file that does not load counts as a failure', () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 0,
    numTodoTests: 2,
    testResults: [
      {
        status: 'failed',
        assertionResults: [
          { fullName: 'a store loses nothing', status: 'failed', failureMessages: ['lost'] },
          { fullName: 'a store answers at the second try', status: 'passed', failureMessages: ['late'] },
          { fullName: 'a store answers', status: 'passed', failureMessages: [] },
        ],
      },
      { status: 'failed', assertionResults: [] },
    ],
  };
  expect(countVitest(report)).toEqual({
    passed: 5,
    failed: 2,
    skipped: 2,
    flaky: ['a store answers at the second try'],
  });
});

test('in a Playwright report, a test that passed at the second try counts as passed, and an error outside of tests as a failure', () => {
  const stats = { expected: 7, unexpected: 1, flaky: 1, skipped: 3 };
  const specs = (title: string, status: string) => [{ title, tests: [{ status }] }];
  const suites = [
    {
      title: 'chat.spec.ts',
      specs: specs('opens', 'expected'),
      suites: [{ title: 'the list', specs: specs('scrolls', 'flaky') }],
    },
  ];
  expect(countPlaywright({ stats, errors: [{}], suites })).toEqual({
    passed: 8,
    failed: 2,
    skipped: 3,
    flaky: ['chat.spec.ts › the list › scrolls'],
  });
});

test('a run that failed without a report is one failure', () => {
  const counts = readCounts('/nowhere/report.json', { count: countVitest, exitCode: 1 });
  expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0, flaky: [] });
});

test('a run that succeeded without a report is an error', () => {
  expect(() => readCounts('/nowhere/report.json', { count: countVitest, exitCode: 0 })).toThrow('ENOENT');
});

test('the closing line has the sums, and skipped tests only if there are any', () => {
  const some = { passed: 400, failed: 0, skipped: 0, flaky: [] };
  expect(closingLine([some, { passed: 12, failed: 0, skipped: 0, flaky: [] }])).toBe('412 passed, 0 failed');
  expect(closingLine([some, { passed: 1, failed: 2, skipped: 3, flaky: [] }])).toBe('401 passed, 2 failed, 3 skipped');
});

test('the summary names every test that passed only when it was tried again', () => {
  const counts = { passed: 2, failed: 0, skipped: 0 };
  expect(flakyLines([{ ...counts, flaky: [] }])).toEqual([]);
  expect(
    flakyLines([
      { ...counts, flaky: ['a'] },
      { ...counts, flaky: ['b › c'] },
    ]),
  ).toEqual(['Passed only when tried again:', '  a', '  b › c']);
});
