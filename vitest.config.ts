import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Its own file: with the Remix plugin of vite.config.ts the tests would not run.
export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('app', import.meta.url)) } },
  test: {
    environment: 'node',
    include: ['{app,shared,sidecar,scripts,chaos,deploy,docs,testing,explore}/**/*.test.{ts,tsx}'],
    globalSetup: 'testing/vitest-global-setup.ts',
    // Much of the time they wait for leases and processes: three at once also on two cores.
    maxWorkers: 3,
    testTimeout: 20_000,
    // Some files build the app before their first test.
    hookTimeout: 120_000,
    restoreMocks: true,
  },
});
