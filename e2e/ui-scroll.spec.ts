import type { Page } from '@playwright/test';
import { answerText, ask, composer, ended, lastAnswer, open, send, uniqueQuestion, words } from './ui/chat-page.ts';
import { countMoves, LONG_TEXT, painted, readInTheMiddle, scrollToMiddle } from './ui/reading.ts';
import { expect, test } from './ui/test.ts';

const CODE = '\n\n```ts\nexport const value = 1;\n```\n\n';

/** Waits until the page's requests have ended and two more frames were painted. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await painted(page);
}

test('the line that a person reads stays where it is when the answer ends, is stopped, or changes above the line @phone', async ({
  page,
  model,
}) => {
  await open(page);
  /** Asks another question in the chat, and scrolls to the middle of the answer, which has not ended yet. */
  const reading = async (about: string, { before = '' } = {}) => {
    const question = uniqueQuestion(about);
    await ask(page, question);
    const answer = await model.asked(question);
    if (about === 'reasoning') {
      answer.think(`${words(200)}\n\n`);
      await lastAnswer(page).locator('summary').first().click();
      await expect(lastAnswer(page).getByText('word199')).toBeVisible();
    }
    const top = await readInTheMiddle(page, answer, before + LONG_TEXT);
    await painted(page);
    return { answer, top, place: await top() };
  };

  const ending = await reading('ends');
  ending.answer.reply(`${CODE}More text, whose code is highlighted when it is finished.`);
  await ended(page);
  await settled(page);
  await expect.poll(ending.top, 'when the answer ends').toBe(ending.place);

  const stopped = await reading('is stopped');
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(lastAnswer(page).getByText('Stopped.').first()).toBeVisible();
  await ended(page);
  await settled(page);
  await expect.poll(stopped.top, 'when the answer is stopped').toBe(stopped.place);

  const highlighted = await reading('highlighting', { before: `${CODE.trim()}\n\n` });
  await expect(lastAnswer(page).locator('pre .hljs-keyword').first()).toBeAttached();
  highlighted.answer.reply(' The end.');
  await ended(page);
  await settled(page);
  await expect.poll(highlighted.top, 'when code above is highlighted').toBe(highlighted.place);

  const reasoned = await reading('reasoning');
  reasoned.answer.reply(' The end.');
  await ended(page);
  await settled(page);
  await expect.poll(reasoned.top, 'when the reasoning above has ended').toBe(reasoned.place);
});

test('a message that has to wait is shown at once; when its turn comes, the page scrolls only for a person who is at the end @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const [first, second, third] = ['long', 'waits', 'followed'].map(uniqueQuestion) as [string, string, string];
  await ask(page, first);
  const answer = await model.asked(first);
  await readInTheMiddle(page, answer, LONG_TEXT);
  const waiting = page.locator('.turn.queued');
  await composer(page).fill(second);
  await send(page);
  await expect(waiting).toContainText(second);
  await expect(waiting).toBeInViewport({ ratio: 1 });
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeHidden();

  const top = await scrollToMiddle(page);
  const moves = await countMoves(page);
  const place = await top();
  answer.end();
  const next = await model.asked(second);
  await next.pour(LONG_TEXT, { piecesPerSecond: 2000, pieceChars: 40 });
  await expect(answerText(page).last()).toContainText('Paragraph 29.');
  await expect(waiting).toHaveCount(0);
  await painted(page);
  expect(await moves()).toBe(0);
  expect(await top()).toBe(place);

  await composer(page).fill(third);
  await send(page);
  await expect(waiting).toBeInViewport({ ratio: 1 });
  next.end();
  (await model.asked(third)).reply(LONG_TEXT);
  await expect(answerText(page).last().getByText('Paragraph 29.')).toBeInViewport();
});

test('after the next question and after Regenerate, the page scrolls from anywhere to the new answer @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('own');
  await ask(page, question);
  const answer = await model.asked(question);
  await readInTheMiddle(page, answer, LONG_TEXT);
  answer.end();
  await ended(page);
  await ask(page, 'the next one');
  (await model.asked('the next one')).reply('Here it is.');
  await expect(answerText(page).last()).toHaveText('Here it is.');
  await expect(answerText(page).last()).toBeInViewport();

  await page.locator('.thread-scroll').evaluate((box) => (box.scrollTop = 0));
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  await lastAnswer(page)
    .getByRole('button', { name: 'Regenerate' })
    .evaluate((button: HTMLElement) => button.click());
  (await model.asked('the next one')).reply('And again.');
  await expect(answerText(page).last()).toHaveText('And again.');
  await expect(answerText(page).last()).toBeInViewport();
});

test('choosing another version of an early answer does not move the pressed arrow, and does not scroll to later messages @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const shown = page.locator('.turn:not(.question) .answer');
  const question = uniqueQuestion('versions');
  await ask(page, question);
  (await model.asked(question)).reply('The first version.');
  await ended(page);
  await ask(page, 'then something long');
  const long = await model.asked('then something long');
  await long.pour(LONG_TEXT, { piecesPerSecond: 2000, pieceChars: 40 });
  long.end();
  await ended(page);
  await page.locator('.thread-scroll').evaluate((box) => (box.scrollTop = 0));
  await page
    .getByRole('button', { name: 'Regenerate' })
    .first()
    .evaluate((button: HTMLElement) => button.click());
  (await model.asked(question)).reply('The second version.');
  await expect(shown.first()).toHaveText('The second version.');
  await ended(page);

  const top = () =>
    page
      .locator('a[data-direction]')
      .first()
      .evaluate((arrow) => arrow.getBoundingClientRect().top);
  const pressed = await top();
  await page.getByRole('link', { name: 'Older version' }).click();
  await expect(shown.first()).toHaveText('The first version.');
  await expect(shown).toHaveCount(2);
  await settled(page);
  expect(Math.abs((await top()) - pressed)).toBeLessThan(2);
  await expect(page.getByRole('button', { name: 'Jump to latest' })).toBeVisible();
  await page.getByRole('link', { name: 'Newer version' }).click();
  await expect(shown).toHaveText(['The second version.']);
});
