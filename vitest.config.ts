import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests of whole processes, which take up to a minute per file. */
const LONG = /\/(chaos|deploy|sidecar\/acceptance)\//;

/** Runs the long files first. Otherwise a small file that runs for a minute comes last, and the other workers wait for it. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// The tests have a configuration of their own, because they do not work with the Remix plugin in vite.config.ts.
export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('app', import.meta.url)) } },
  test: {
    environment: 'node',
    include: ['{app,shared,sidecar,scripts,chaos,deploy,docs,testing,explore}/**/*.test.{ts,tsx}'],
    globalSetup: 'testing/vitest-global-setup.ts',
    // Tests spend much of their time waiting for leases and processes, so three workers are useful even on two cores.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    testTimeout: 20_000,
    // Some test files build the app before their first test.
    hookTimeout: 120_000,
    restoreMocks: true,
  },
});
