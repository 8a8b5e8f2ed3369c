import type { Page } from '@playwright/test';
import axe, { type Result } from 'axe-core';
import { expect } from './test.ts';

export interface AxeScope {
  /** CSS selector of the part that is checked. Default: the whole page. */
  within?: string;
  /** CSS selector of a part that is left out. */
  without?: string;
  /** Ids of the rules that are checked. Default: all rules. */
  rules?: string[];
}

/** The rules that depend on colours. If a page was checked in one theme, only these rules need a check in the other theme. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Fails if axe finds a serious or critical problem on the page as it is now. `state` names the page's state. */
export async function expectNothingSerious(page: Page, state?: string, scope?: AxeScope): Promise<void> {
  const serious = (await violationsOf(page, scope))
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`) }));
  expect(serious, state).toEqual([]);
}

/**
 * Everything that axe finds on the page as it is now. This function loads axe into each page only once. @axe-core/playwright would
 * load axe for each check.
 */
export async function violationsOf(page: Page, { within = 'html', without, rules }: AxeScope = {}): Promise<Result[]> {
  expect(page.frames(), 'axe checks only the main frame, so the page must have no iframe').toHaveLength(1);
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const where = { include: within, ...(without && { exclude: without }) };
  const what = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  return page.evaluate(
    async (given) => (await (globalThis as unknown as WithAxe).axe.run(given.where, given.what)).violations,
    { where, what },
  );
}

interface WithAxe {
  axe: { run(where: object, what: object): Promise<{ violations: Result[] }> };
}
