import type { BrowserContext, Page } from '@playwright/test';
import { expect } from './test.ts';

/** The text of the last answer on a page, by animation frame. Frames with the same text as the one before are left out. */
export interface RecordedFrame {
  /** `Date.now()`. */
  atMs: number;
  text: string;
}

declare global {
  var recordedFrames: RecordedFrame[] | undefined;
}

/** Makes every page that is opened from now on record its frames. */
export async function recordFrames(pages: Page | BrowserContext): Promise<void> {
  await pages.addInitScript(() => {
    const frames: RecordedFrame[] = (globalThis.recordedFrames = []);
    const record = () => {
      const turns = document.querySelectorAll('.turn:not(.question)');
      const parts = turns[turns.length - 1]?.querySelectorAll('.answer') ?? [];
      const text = [...parts].map((part) => part.textContent).join(' ');
      if (frames.at(-1)?.text !== text) frames.push({ atMs: Date.now(), text });
      requestAnimationFrame(record);
    };
    requestAnimationFrame(record);
  });
}

export const framesOf = (page: Page): Promise<RecordedFrame[]> => page.evaluate(() => globalThis.recordedFrames ?? []);

/**
 * Checks that no frame of this page had missing, repeated or withdrawn text: each shows a beginning of `whole`, and
 * at least as much as the frame before. `from`: what was shown before the page was opened again.
 */
export function expectOnlyGrowth(
  frames: RecordedFrame[],
  { whole, from = '' }: { whole: string; from?: string },
): void {
  const shown = frames.map(({ text }) => text.trim());
  const first = shown.findIndex(Boolean);
  // Before the page is loaded, nothing is shown. Afterwards an empty frame would be a loss.
  const texts = first < 0 ? [] : shown.slice(first);
  expect(texts.length, 'frames were recorded').toBeGreaterThan(0);
  let before = from.trim();
  for (const text of texts) {
    expect(whole.startsWith(text), `this is no beginning of the answer: ${text}`).toBe(true);
    expect(text.length, `this is less than what was shown before: ${text}`).toBeGreaterThanOrEqual(before.length);
    before = text;
  }
}
