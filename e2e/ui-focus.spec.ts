import type { Locator, Page } from '@playwright/test';
import {
  answerText,
  ask,
  chatRow,
  composer,
  ended,
  lastAnswer,
  open,
  showSidebar,
  sidebar,
  uniqueQuestion,
} from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

/** The status text about the answer, which a screen reader announces. */
const announcement = (page: Page) => page.locator('p.sr-only[role="status"] span').last();

async function pressOn(button: Locator): Promise<void> {
  await button.focus();
  await button.press('Enter');
}

test('after each action the focus is at the next useful place, and a screen reader announces what happened', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('focus');
  await ask(page, question);
  const first = await model.asked(question);
  first.write('It begins');
  await expect(answerText(page)).toHaveText('It begins');
  await expect(announcement(page)).toHaveText('An answer is being written.');

  await pressOn(page.getByRole('button', { name: 'Stop the answer' }));
  await expect(announcement(page)).toHaveText('The answer was stopped.');
  await expect(composer(page)).toBeFocused();

  await pressOn(lastAnswer(page).getByRole('button', { name: 'Continue' }));
  const second = await model.asked(question);
  await expect(composer(page)).toBeFocused();
  second.write(' and goes on');
  second.cutOff();
  await expect(announcement(page)).toHaveText('The answer was cut off at the model’s length limit.');

  await pressOn(lastAnswer(page).getByRole('button', { name: 'Regenerate' }));
  const third = await model.asked(question);
  await expect(composer(page)).toBeFocused();
  third.write('Half');
  await expect(answerText(page)).toHaveText('Half');
  third.fail();
  await expect(announcement(page)).toHaveText(/^The answer failed\. \w/);
  await expect(composer(page)).toBeFocused();

  await pressOn(lastAnswer(page).getByRole('link', { name: 'Older version' }));
  await expect(answerText(page)).toHaveText('It begins and goes on');
  await expect(
    lastAnswer(page)
      .getByRole('link', { name: /version$/ })
      .and(page.locator(':focus')),
  ).toHaveCount(1);

  await pressOn(chatRow(page, question).getByRole('link', { name: /^Options for/ }));
  await pressOn(sidebar(page).getByRole('link', { name: 'Delete' }));
  const undo = page.getByRole('button', { name: 'Undo' });
  await expect(undo).toBeFocused();
  await expect(page.getByText('Chat deleted.')).toBeVisible();
  await undo.press('Enter');
  await expect(chatRow(page, question)).toBeVisible();
  await expect(composer(page)).toBeFocused();
});

test('the list of shortcuts takes the focus, and after a dialog or a menu, the focus is on the button that opened it', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('back');
  await ask(page, question);
  (await model.asked(question)).reply('Yes.');
  await ended(page);

  const shortcuts = sidebar(page).getByRole('button', { name: 'Keyboard shortcuts' });
  await pressOn(shortcuts);
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list.getByRole('button', { name: 'Close' })).toBeFocused();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement!.closest('main, aside'))).toBeNull();
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await expect(shortcuts).toBeFocused();

  const options = chatRow(page, question).getByRole('link', { name: /^Options for/ });
  await pressOn(options);
  await pressOn(sidebar(page).getByRole('link', { name: 'Rename' }));
  await expect(page.getByRole('dialog').getByLabel('Title')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(options).toBeFocused();

  // Pinning moves the row to another list.
  await pressOn(options);
  await pressOn(sidebar(page).getByRole('link', { name: 'Pin' }));
  await expect(sidebar(page).getByRole('region', { name: 'Pinned' })).toContainText(question);
  await expect(options).toBeFocused();

  await pressOn(options);
  await pressOn(sidebar(page).getByRole('link', { name: 'Archive', exact: true }));
  await expect(page.getByText('Chat archived.')).toBeVisible();
  await expect(chatRow(page, question)).toHaveCount(0);
  await pressOn(page.getByRole('button', { name: 'Undo' }));
  await expect(chatRow(page, question)).toBeVisible();

  // After the open chat is deleted, Undo opens that chat again.
  const address = page.url();
  await pressOn(options);
  await pressOn(sidebar(page).getByRole('link', { name: 'Delete' }));
  await expect(page).not.toHaveURL(address);
  await pressOn(page.getByRole('button', { name: 'Undo' }));
  await expect(page).toHaveURL(address);
  await expect(answerText(page)).toHaveText('Yes.');
});

test('a chat that is opened with Ctrl+K and Enter has the focus in its composer, also if the result is a message or the chat is open already', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('found');
  await ask(page, question);
  (await model.asked(question)).reply('The zephyrine wind.');
  await ended(page);
  for (const [from, words] of [
    ['another page', question],
    ['another page', 'zephyrine'],
    ['the same chat', 'zephyrine'],
  ] as const) {
    if (from === 'another page') await open(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type(words);
    await expect(sidebar(page).getByRole('option')).toHaveCount(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/chat\//);
    await expect(page.locator('#search')).toHaveValue('');
    await expect(composer(page)).toBeFocused();
  }
  await page.keyboard.press('ArrowUp');
  await expect(page.getByLabel('The question, edited')).toBeFocused();
});

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 412, height: 839 } });

  test('after an answer is stopped, the focus is in that answer, and the on-screen keyboard stays closed', async ({
    page,
    model,
  }) => {
    await open(page);
    const question = uniqueQuestion('tap');
    await ask(page, question);
    (await model.asked(question)).write('It begins');
    await expect(answerText(page)).toHaveText('It begins');
    await page.getByRole('button', { name: 'Stop the answer' }).tap();
    await expect(lastAnswer(page).getByRole('button', { name: 'Continue' })).toBeVisible();
    await expect(composer(page)).not.toBeFocused();
    await expect(lastAnswer(page).locator(':focus')).toHaveCount(1);
  });

  test('after Rename in the list, the focus is on the button that opens the list', async ({ page, model }) => {
    await open(page);
    const question = uniqueQuestion('harbours');
    await ask(page, question);
    (await model.asked(question)).reply('Yes.');
    await ended(page);
    for (const way of ['Rename', 'Close']) {
      await showSidebar(page);
      await chatRow(page, question)
        .getByRole('link', { name: /^Options for/ })
        .tap();
      await sidebar(page).getByRole('link', { name: 'Rename' }).tap();
      await page.getByRole('dialog').getByRole('button', { name: way }).tap();
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await expect(page.getByRole('button', { name: 'Open the list of chats' })).toBeFocused();
    }
  });
});
