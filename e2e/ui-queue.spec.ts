import type { Page } from '@playwright/test';
import {
  api,
  answers,
  ask,
  chatIdOf,
  composer,
  ended,
  lastAnswer,
  open,
  sendForm,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';
import { shiftsOf, watchShifts } from './ui/layout-shifts.ts';
import { expect, test } from './ui/test.ts';

const waiting = (page: Page) => page.locator('.turn.queued');
const held = (page: Page) => page.getByText('These messages are held');
const action = (page: Page, name: string, at = 0) => waiting(page).nth(at).getByRole('button', { name });

/** Waits until the page shows exactly these waiting turns, in this order. */
async function expectWaiting(page: Page, texts: string[]): Promise<void> {
  await expect(waiting(page).locator('.bubble')).toHaveText(texts);
}

test('what is sent while an answer is written waits, can be changed, and is answered in order without the page @phone', async ({
  page,
  model,
  context,
}) => {
  const [first, second, third, fourth] = ['one', 'two', 'three', 'four'].map(uniqueQuestion) as [
    string,
    string,
    string,
    string,
  ];
  await open(page);
  await ask(page, first);
  const running = await model.asked(first);
  running.write(words(3));
  // From here on, only the queue changes.
  await expect(lastAnswer(page)).toContainText('The model has paused');
  await watchShifts(page);
  // The server answers late, but the messages are shown at once. A shift within half a second of a key counts as caused by
  // the key, so the server answers later than that.
  let answer = () => {};
  await page.route('**/api/stream/start', async (route) => {
    await new Promise<void>((resolve) => (answer = resolve));
    await route.continue();
  });
  for (const [i, question] of [second, third, fourth].entries()) {
    await composer(page).fill(question);
    await composer(page).press('Enter');
    await expect(waiting(page).last()).toContainText(question);
    await expect(action(page, 'Remove', i)).toBeDisabled();
    await page.waitForTimeout(600);
    answer();
    await expect(action(page, 'Remove', i)).toBeEnabled();
  }
  await page.unroute('**/api/stream/start');
  // Only the conversation scrolls. A link to a message must not move the page itself.
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  await expect(waiting(page).first()).toContainText('Waiting: next');
  await expect(waiting(page).nth(1)).toContainText('Waiting: number 2');

  await action(page, 'Move up', 2).click();
  await expectWaiting(page, [second, fourth, third]);
  await action(page, 'Remove', 2).click();
  await expectWaiting(page, [second, fourth]);
  await waiting(page).nth(1).locator('summary').click();
  await waiting(page).nth(1).getByRole('textbox').fill(`${fourth} edited`);
  await action(page, 'Save', 1).click();
  await expectWaiting(page, [second, `${fourth} edited`]);
  await expectNothingSerious(page, 'the queue', { within: '.queue' });
  expect(await shiftsOf(page)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath('queue.png') });

  const address = page.url();
  await page.close();
  running.end();
  (await model.asked(second)).reply('Second answer.');
  (await model.asked(`${fourth} edited`)).reply('Fourth answer.');
  const again = await context.newPage();
  await open(again, address);
  await expect(answers(again)).toHaveCount(3);
  await ended(again);
  await expect(lastAnswer(again)).toContainText('Fourth answer.');
  await expect(waiting(again)).toHaveCount(0);
});

test('Stop holds the questions that wait, Resume sends them, and Send now stops the answer that is written', async ({
  page,
  model,
}) => {
  const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
  await open(page);
  await ask(page, first);
  (await model.asked(first)).write(words(3));
  await expect(lastAnswer(page)).toContainText('word2');
  for (const question of [second, third]) {
    await composer(page).fill(question);
    await composer(page).press('Enter');
    await expect(waiting(page).last()).toContainText(question);
  }
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(held(page)).toBeVisible();
  await expect(waiting(page).first()).toContainText('Held: number 1');
  await expectNothingSerious(page, 'a held queue', { within: '.queue' });
  await page.screenshot({ path: test.info().outputPath('held.png') });
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(held(page)).toBeHidden();
  (await model.asked(second)).write(words(3, 3));
  await expect(lastAnswer(page)).toContainText('word5');
  await action(page, 'Send now').click();
  (await model.asked(third)).reply('Third answer.');
  await expect(lastAnswer(page)).toContainText('Third answer.');
  await expect(waiting(page)).toHaveCount(0);
  await expect(answers(page)).toHaveCount(3);
});

test('a change of the queue whose response is lost is not shown as failed', async ({ page, model }) => {
  const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
  await open(page);
  await ask(page, first);
  (await model.asked(first)).write(words(3));
  await expect(lastAnswer(page)).toContainText('word2');
  for (const question of [second, third]) {
    await composer(page).fill(question);
    await composer(page).press('Enter');
    await expect(waiting(page).last()).toContainText(question);
    await expect(action(page, 'Remove', (await waiting(page).count()) - 1)).toBeEnabled();
  }
  const requests: string[] = [];
  await page.route('**/api/chats/*/queue/*', async (route) => {
    const method = route.request().method();
    requests.push(method);
    // The server makes the change, and its first response is lost.
    if (requests.filter((one) => one === method).length > 1) return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await waiting(page).first().locator('summary').click();
  await waiting(page).first().getByRole('textbox').fill(`${second} edited`);
  await action(page, 'Save').click();
  await expectWaiting(page, [`${second} edited`, third]);
  await expect.poll(() => requests).toEqual(['PATCH', 'PATCH']);
  await expect(waiting(page).first().getByRole('textbox')).toBeHidden();
  await action(page, 'Remove', 1).click();
  await expectWaiting(page, [`${second} edited`]);
  await expect.poll(() => requests).toEqual(['PATCH', 'PATCH', 'DELETE', 'DELETE']);
  await expect(action(page, 'Move up')).toHaveCount(0);
  await page.waitForLoadState('networkidle');
  await expectWaiting(page, [`${second} edited`]);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a message waits, is edited, moved and removed, and the queue is discarded', async ({ page, model }) => {
    const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
    await page.goto('/', { waitUntil: 'commit' });
    await sendForm(page, first);
    (await model.asked(first)).write(words(3));
    for (const question of [second, third]) {
      await composer(page).fill(question);
      await page.getByRole('button', { name: 'Send after this answer' }).click({ noWaitAfter: true });
      await expect(waiting(page).last()).toContainText(question);
    }
    await action(page, 'Move up', 1).click({ noWaitAfter: true });
    await expectWaiting(page, [third, second]);
    await waiting(page).first().locator('summary').click();
    await waiting(page).first().getByRole('textbox').fill('Edited');
    await action(page, 'Save').click({ noWaitAfter: true });
    await expectWaiting(page, ['Edited', second]);
    await page.screenshot({ path: test.info().outputPath('no-script.png') });
    await action(page, 'Remove').click({ noWaitAfter: true });
    await expectWaiting(page, [second]);
    const chat = (await (await api(page, 'GET', `/api/chats/${chatIdOf(page)}`)).json()) as {
      stream: { streamId: string };
    };
    await api(page, 'DELETE', `/api/stream/cancel/${chat.stream.streamId}`);
    await page.reload({ waitUntil: 'commit' });
    await expect(held(page)).toBeVisible();
    await page.getByRole('button', { name: 'Discard' }).click({ noWaitAfter: true });
    await expect(waiting(page)).toHaveCount(0);
  });
});
