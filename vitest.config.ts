import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));
const TESTS = '{app,shared,sidecar,scripts,chaos,deploy,docs,testing,explore}/**/*.test.{ts,tsx}';

/**
 * A file that contains one of these words gets a process of its own: it sets environment variables that the app reads only once,
 * needs a DOM or another clock before modules are loaded, looks at the memory or the signals of its process, or starts processes.
 */
const NEEDS_OWN_PROCESS = new RegExp(
  [
    'serve-(?:app|routes)|stubEnv|@vitest-environment|FakeTimers|fake-timers|held-memory',
    'process\\.(?:env|on|memoryUsage|getActive)',
    'child_process|test-bed|start-redis|testing/(?:process|pair)|chaos\\.ts|hostile\\.ts',
  ].join('|'),
);
const alone = globSync(TESTS, { cwd: root }).filter((file) =>
  NEEDS_OWN_PROCESS.test(readFileSync(`${root}/${file}`, 'utf8')),
);

// This configuration is not part of vite.config.ts, because the tests do not run with the Remix plugin used there.
export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('app', import.meta.url)) } },
  test: {
    environment: 'node',
    globalSetup: 'testing/vitest-global-setup.ts',
    // Tests spend much of their time waiting for leases and processes, so three workers are useful even on two cores.
    maxWorkers: 3,
    testTimeout: 20_000,
    // Some files build the app before their first test.
    hookTimeout: 120_000,
    restoreMocks: true,
    projects: [
      // These files share three processes, so that each module is loaded three times and not once for each file.
      { test: { name: 'shared', include: [TESTS], exclude: alone, isolate: false } },
      { test: { name: 'alone', include: alone } },
    ],
  },
});
