import { test, type Page } from '@playwright/test';

/** A screenshot to look at, in the folder of the test's results. */
export const picture = (page: Page, name: string) =>
  page.screenshot({ path: test.info().outputPath(`${name}.png`), animations: 'disabled' });
