import type { Page } from '@playwright/test';

declare global {
  var layoutShifts: string[] | undefined;
}

/** Shifts that are not recorded. */
export interface IgnoredShifts {
  /** The layout shift score up to which a shift is ignored as a rounding error. Default: 0. */
  upTo?: number;
  /** CSS selector: a shift is ignored if all elements that moved match the selector or are inside an element that does. */
  inside?: string;
}

/** From now on, records every layout shift of this page that no user input caused. */
export const watchShifts = (page: Page, ignored: IgnoredShifts = {}): Promise<void> =>
  page.evaluate(({ upTo = 0, inside }) => {
    const shifts: string[] = (globalThis.layoutShifts = []);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput, sources } = entry as PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
          sources: { node: Node | null }[];
        };
        const isInside =
          inside !== undefined && sources.every(({ node }) => node instanceof Element && node.closest(inside) !== null);
        if (hadRecentInput || value <= upTo || isInside) continue;
        const moved = sources.map(({ node }) =>
          node instanceof Element
            ? node.outerHTML.slice(0, 80)
            : `text in ${node?.parentElement?.outerHTML.slice(0, 80)}`,
        );
        shifts.push(`${value} ${moved.join(' | ')}`);
      }
    }).observe({ type: 'layout-shift' });
  }, ignored);

/** Each recorded shift as a text: its score, and the elements that moved. */
export const shiftsOf = (page: Page): Promise<string[]> => page.evaluate(() => globalThis.layoutShifts ?? []);
