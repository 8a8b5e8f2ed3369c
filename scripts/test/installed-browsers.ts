import { existsSync } from 'node:fs';

const SHELL = '/usr/lib/chromium/chromium-headless-shell';
const CHROMIUM = '/usr/bin/chromium';

export interface InstalledBrowsers {
  /** Chromium without windows, or `whole` if it is not installed. The tests need a quarter less CPU time without windows. */
  shell: string | undefined;
  /** The whole browser, which also knows which of its windows has the focus, and keeps pages that were left (bfcache). */
  whole: string | undefined;
}

/** `CHROMIUM_PATH` for both, or Debian's packages. `undefined`: Playwright uses the browser that it has downloaded. */
export function installedBrowsers(): InstalledBrowsers {
  const given = process.env.CHROMIUM_PATH || undefined;
  const whole = given ?? (existsSync(CHROMIUM) ? CHROMIUM : undefined);
  return { shell: given ?? (existsSync(SHELL) ? SHELL : whole), whole };
}
