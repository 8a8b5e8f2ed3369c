import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that start whole stacks take minutes. They begin first, so that none of them runs alone at the end. */
const LONG = ['deploy/', 'chaos/', 'sidecar/acceptance/', 'scripts/', 'explore/'];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((folder) => moduleId.includes(`/${folder}`));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

// Its own file: with the Remix plugin of vite.config.ts the tests would not run.
export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('app', import.meta.url)) } },
  test: {
    environment: 'node',
    include: ['{app,shared,sidecar,scripts,chaos,deploy,docs,testing,explore}/**/*.test.{ts,tsx}'],
    globalSetup: 'testing/vitest-global-setup.ts',
    // Much of the time they wait for leases and processes: four at once also on two cores.
    maxWorkers: 4,
    sequence: { sequencer: LongFirst },
    testTimeout: 20_000,
    // Some files build the app before their first test.
    hookTimeout: 120_000,
    restoreMocks: true,
  },
});
