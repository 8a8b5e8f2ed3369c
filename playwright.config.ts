import { defineConfig, devices } from '@playwright/test';
import { installedBrowsers } from './scripts/test/installed-browsers.ts';

const { shell, whole } = installedBrowsers();
const launch = (executablePath: string | undefined) => ({
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  globalSetup: './e2e/stack/global-setup.ts',
  fullyParallel: false,
  // Tests wait more than half of the time, so three at once are useful even on two cores.
  workers: 3,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: { screenshot: 'only-on-failure', launchOptions: launch(shell) },
  projects: [
    { name: 'desktop', use: { ...devices['Desktop Chrome'] }, grepInvert: /@window/ },
    { name: 'phone', use: { ...devices['Pixel 7'] }, grep: /@phone/ },
    // Tests that need the whole Chromium. The other tests use its headless shell, which is faster (installed-browsers.ts).
    {
      name: 'window',
      use: { ...devices['Desktop Chrome'], launchOptions: launch(whole), ...(whole ? {} : { channel: 'chromium' }) },
      grep: /@window/,
    },
  ],
});
