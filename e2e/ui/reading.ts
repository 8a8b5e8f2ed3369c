import type { Page } from '@playwright/test';
import { answers, answerText, words } from './chat-page.ts';
import type { ScriptedAnswer } from './scripted-model.ts';
import { expect } from './test.ts';

/** Long enough to need scrolling on every screen. */
export const LONG_TEXT = Array.from({ length: 30 }, (_, index) => `Paragraph ${index}. ${words(25, index * 25)}`).join(
  '\n\n',
);

/** Writes `text` as the answer and scrolls to a line in its middle. Returns a function that measures where this line is on the screen. */
export async function readInTheMiddle(
  page: Page,
  answer: ScriptedAnswer,
  text: string,
): Promise<() => Promise<number>> {
  await answer.pour(text, { piecesPerSecond: 2000, pieceChars: 40 });
  // Until the test scrolls up, the page scrolls down with each new text. So the test first waits until all of the text is shown.
  await expect(answerText(page).last()).toContainText(text.split(' ').at(-1)!);
  await painted(page);
  return scrollToMiddle(page);
}

/** Scrolls to a line in the middle of the last answer. Returns a function that measures where this line is on the screen. */
export async function scrollToMiddle(page: Page): Promise<() => Promise<number>> {
  const at = (await answers(page).count()) - 1;
  const line = answers(page).nth(at).getByText('Paragraph 12.');
  await line.evaluate((element) => {
    const box = element.closest('.thread-scroll')!;
    box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top - 80;
  });
  // This button shows that the page has noticed the scrolling.
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  return () => line.evaluate((element) => element.getBoundingClientRect().top);
}

/** Counts from now on how often the view of the conversation moves, also if it moves back at once. */
export async function countMoves(page: Page): Promise<() => Promise<number>> {
  const box = page.locator('.thread-scroll');
  await painted(page);
  await box.evaluate((element) => {
    element.dataset.moves = '0';
    element.addEventListener('scroll', () => (element.dataset.moves = String(Number(element.dataset.moves) + 1)));
  });
  return async () => Number(await box.getAttribute('data-moves'));
}

/** Waits for two animation frames. */
export const painted = (page: Page): Promise<void> =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))));
