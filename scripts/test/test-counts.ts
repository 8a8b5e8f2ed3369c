import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
  /** Names of the tests that failed at first and passed when they were tried again. */
  flaky: string[];
}

/** The parts of `vitest --reporter=json` that are counted here. */
const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.unknown()) }),
      ),
    }),
  ),
});

/** The parts of `playwright --reporter=json` that are counted here. `errors`: errors outside of tests. */
const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.unknown()),
  suites: z.array(z.unknown()),
});

/** A test file or a `describe`. */
const playwrightSuite = z.object({
  title: z.string(),
  specs: z.array(z.object({ title: z.string(), tests: z.array(z.object({ status: z.string() })) })).default([]),
  suites: z.array(z.unknown()).default([]),
});

export function countVitest(report: unknown): TestCounts {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = vitestReport.parse(report);
  // A test file that does not load has no tests in the report. It counts as one failure.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.length,
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + unloaded.length,
    skipped: numPendingTests + numTodoTests,
    // For a test that passed at its second try, the report still has the failure message of the first try.
    flaky: testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
        .map(({ fullName }) => fullName),
    ),
  };
}

export function countPlaywright(report: unknown): TestCounts {
  const { stats, errors, suites } = playwrightReport.parse(report);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    flaky: suites.flatMap((suite) => flakyIn(suite)),
  };
}

function flakyIn(suite: unknown): string[] {
  const { title, specs, suites } = playwrightSuite.parse(suite);
  const own = specs.filter(({ tests }) => tests.some(({ status }) => status === 'flaky')).map((spec) => spec.title);
  return [...own, ...suites.flatMap(flakyIn)].map((name) => `${title} › ${name}`);
}

/**
 * Reads the counts from the report file of a test run. If the run failed, at least one failure is counted, even if the report
 * is missing or contains no failure. Throws if a successful run has no report.
 */
export function readCounts(
  file: string,
  { count, exitCode }: { count: typeof countVitest; exitCode: number },
): TestCounts {
  let counts: TestCounts = { passed: 0, failed: 0, skipped: 0, flaky: [] };
  try {
    counts = count(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (exitCode === 0) throw error;
  }
  return exitCode === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) };
}

/** The last line of the output, for example `412 passed, 0 failed`. */
export function closingLine(all: TestCounts[]): string {
  const sum = (name: 'passed' | 'failed' | 'skipped') => all.reduce((total, counts) => total + counts[name], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped}`;
}

/** Names the tests that passed only at their second try, one per line. Empty if there are none. */
export function flakyLines(all: TestCounts[]): string[] {
  const names = all.flatMap(({ flaky }) => flaky);
  return names.length === 0 ? [] : ['Passed only when tried again:', ...names.map((name) => `  ${name}`)];
}
