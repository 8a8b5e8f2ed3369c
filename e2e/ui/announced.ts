import type { Page } from '@playwright/test';

declare global {
  var announced: string[];
}

/** What the page gives to a screen reader from now on: every text that appears in a region for announcements, also for a moment. */
export async function watchAnnouncements(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    globalThis.announced = [];
    const region = document.querySelector('p.sr-only[role="status"][aria-atomic="false"]')!;
    new MutationObserver((changes) => {
      for (const { addedNodes, type, target } of changes) {
        if (type === 'characterData') globalThis.announced.push(target.textContent!.trim());
        for (const node of addedNodes) globalThis.announced.push(node.textContent!.trim());
      }
    }).observe(region, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => globalThis.announced);
}
