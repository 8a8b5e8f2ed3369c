import type { BrowserContext, Page } from '@playwright/test';
import { expect } from './test.ts';

/**
 * The text of the last answer on a page in one animation frame. A frame with the same text as the frame before is not recorded.
 */
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
 * Checks that no frame of this page had missing, repeated or withdrawn text: each frame shows a beginning of `whole`, and at least
 * as much as the frame before. `from`: the text that was shown before the page was opened again.
 */
export function expectOnlyGrowth(
  frames: RecordedFrame[],
  { whole, from = '' }: { whole: string; from?: string },
): void {
  const shown = frames.map(({ text }) => text.trim());
  const first = shown.findIndex(Boolean);
  // Empty frames at the beginning are from a page that was still loading. An empty frame after a text means that the text was lost.
  const texts = first < 0 ? [] : shown.slice(first);
  expect(texts.length, 'frames were recorded').toBeGreaterThan(0);
  let before = from.trim();
  for (const text of texts) {
    expect(whole.startsWith(text), `this is no beginning of the answer: ${text}`).toBe(true);
    expect(text.length, `this is less than what was shown before: ${text}`).toBeGreaterThanOrEqual(before.length);
    before = text;
  }
}
