import { existsSync } from 'node:fs';

const SHELL = '/usr/lib/chromium/chromium-headless-shell';
const CHROMIUM = '/usr/bin/chromium';

export interface InstalledBrowsers {
  /** Chromium's headless shell, or `whole` if the shell is not installed. With the shell the tests need a quarter less CPU time. */
  shell: string | undefined;
  /** The whole browser. Unlike the shell, it knows which window has the focus, and has a back/forward cache of pages. */
  whole: string | undefined;
}

/**
 * If `CHROMIUM_PATH` is set, `shell` and `whole` are that path. Otherwise `shell` and `whole` are the paths of Debian's packages, or
 * `undefined` if these packages are not installed. For `undefined`, Playwright uses the browser that it has downloaded.
 */
export function installedBrowsers(): InstalledBrowsers {
  const given = process.env.CHROMIUM_PATH || undefined;
  const whole = given ?? (existsSync(CHROMIUM) ? CHROMIUM : undefined);
  return { shell: given ?? (existsSync(SHELL) ? SHELL : whole), whole };
}
