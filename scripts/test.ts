/**
 * `npm test`: runs all checks, and stops at the first step that fails. A test that fails is tried once more, because a busy
 * machine may stop a process for seconds. The last lines name every test that passed only at its second try.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from './launch/build-app.ts';
import { dataDir } from './shared/paths.ts';
import { runScript } from './test/run-script.ts';
import { runCommand, StartError } from './shared/start-error.ts';
import { watchStopRequests } from './launch/stop-requests.ts';
import {
  closingLine,
  countPlaywright,
  countVitest,
  flakyLines,
  readCounts,
  type TestCounts,
} from './test/test-counts.ts';
import { installTestTools } from './test/test-tools.ts';

const reports = join(dataDir, 'test-results');
const { stop: signal, release } = watchStopRequests();
const counted: TestCounts[] = [];

interface Step {
  name: string;
  /** Resolves to an exit code. */
  run: () => Promise<number>;
}

const steps: Step[] = [
  { name: 'tools', run: () => installTestTools({ signal }).then(() => 0) },
  {
    name: 'typecheck and lint, in parallel',
    run: async () => {
      const exitCodes = await Promise.all(['typecheck', 'lint'].map((name) => runScript(name, { signal })));
      return Math.max(...exitCodes);
    },
  },
  // The tests need the built app. It is built here once, while nothing else runs.
  { name: 'build', run: () => buildApp({ signal }).then(() => 0) },
  {
    name: 'unit and integration tests',
    run: async () => {
      const file = join(reports, 'vitest.json');
      const args = ['--retry=1', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
      const exitCode = await runScript('test:unit', { args, signal });
      counted.push(readCounts(file, { count: countVitest, exitCode }));
      return exitCode;
    },
  },
  {
    name: 'browser tests',
    run: async () => {
      const file = join(reports, 'playwright.json');
      const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: file };
      const exitCode = await runScript('test:e2e', { args: ['--retries=1', '--reporter=list,json'], env, signal });
      counted.push(readCounts(file, { count: countPlaywright, exitCode }));
      return exitCode;
    },
  },
];

/** Prints an error that a person must fix. Returns an exit code, so that the counts of earlier steps are still printed. */
function sayWhy(error: unknown): number {
  if (!(error instanceof StartError)) throw error;
  process.stdout.write(`${error.message}\n`);
  return 1;
}

await runCommand(async () => {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  let failed: string | null = null;
  for (const { name, run } of steps) {
    process.stdout.write(`\n== ${name}\n`);
    const startedAt = performance.now();
    const exitCode = await run().catch(sayWhy);
    if (signal.aborted) return 130;
    process.stdout.write(`   ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    if (exitCode !== 0) {
      failed = name;
      break;
    }
  }
  if (failed) process.stdout.write(`\nFailed: ${failed}\n`);
  for (const line of flakyLines(counted)) process.stdout.write(`\n${line}`);
  if (counted.length > 0) process.stdout.write(`\n${closingLine(counted)}\n`);
  return failed ? 1 : 0;
});
release();
