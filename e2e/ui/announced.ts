import type { Page } from '@playwright/test';

declare global {
  var announced: string[];
}

/**
 * Records from now on every text in the region for announcements, even if the text is shown only briefly. The function that this
 * returns gets all recorded texts.
 */
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
