import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './test.ts';

export interface AxeScope {
  /** CSS selector of the part that is checked. Default: the whole page. */
  within?: string;
  /** CSS selector of a part that is left out. */
  without?: string;
  /** Ids of the only rules that are checked. Default: all. */
  rules?: string[];
}

/** Fails if axe finds a serious or critical problem on the page as it is now. `state` names the page's state. */
export async function expectNothingSerious(
  page: Page,
  state?: string,
  { within, without, rules }: AxeScope = {},
): Promise<void> {
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  if (within) axe.include(within);
  if (without) axe.exclude(without);
  if (rules) axe.withRules(rules);
  const { violations } = await axe.analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`) }));
  expect(serious, state).toEqual([]);
}
