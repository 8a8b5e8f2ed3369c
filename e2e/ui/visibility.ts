import type { Page } from '@playwright/test';

/** Tells a page that it is hidden, as a browser does when the person switches to another tab. Playwright keeps all pages visible. */
export const hidePage = (page: Page): Promise<void> => page.evaluate(setVisibility, 'hidden' as const);
export const showPage = (page: Page): Promise<void> => page.evaluate(setVisibility, 'visible' as const);

function setVisibility(state: DocumentVisibilityState): void {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => state === 'hidden' });
  document.dispatchEvent(new Event('visibilitychange'));
}
