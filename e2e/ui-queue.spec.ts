import type { Page } from '@playwright/test';
import {
  nothingRuns,
  answers,
  ask,
  composer,
  ended,
  lastAnswer,
  open,
  questions,
  send,
  sendForm,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';
import { shiftsOf, watchShifts } from './ui/layout-shifts.ts';
import type { ScriptedModel } from './ui/scripted-model.ts';
import { expect, test } from './ui/test.ts';

const waiting = (page: Page) => page.locator('.turn.queued');
const held = (page: Page) => page.getByText('Sending is paused');
const action = (page: Page, name: string, at = 0) => waiting(page).nth(at).getByRole('button', { name });

/** The vertical middle of each element, in pixels from the top of the window. */
const middles = (elements: Element[]) =>
  elements.map((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return Math.round((top + bottom) / 2);
  });

/** A message whose end is not shown in the list of waiting messages. */
const longMessage = (about: string) => `${uniqueQuestion(about)} ${words(1000)} The end.`;

/** Edits the end of the only waiting message. The list of waiting messages shows only the beginning of the message. */
async function editEnd(page: Page, message: string): Promise<void> {
  await expect(waiting(page).locator('.bubble')).toHaveText(new RegExp(`^${message.slice(0, 3000)}[^.]*…$`));
  await waiting(page).getByRole('link', { name: 'Edit' }).click();
  const field = waiting(page).getByRole('textbox');
  await expect(field).toBeVisible();
  await expect(field).toHaveValue(message);
  await field.fill(message.replace('The end.', 'Another end.'));
  await action(page, 'Save').click({ noWaitAfter: true });
}

/** Opens a new chat and sends the questions. The first one is being answered, and the others wait. */
async function askAndQueue(page: Page, model: ScriptedModel, [first, ...others]: string[]): Promise<void> {
  await open(page);
  await ask(page, first!);
  (await model.asked(first!)).write(words(3));
  await expect(lastAnswer(page)).toContainText('word2');
  for (const question of others) {
    await composer(page).fill(question);
    await send(page);
    await expect(waiting(page).last()).toContainText(question);
  }
}

/** Waits until the page shows exactly these waiting turns, in this order. */
async function expectWaiting(page: Page, texts: string[]): Promise<void> {
  await expect(waiting(page).locator('.bubble')).toHaveText(texts);
}

test('questions sent during an answer have to wait, can be changed, and are answered in order, even with no page open @phone', async ({
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
  // When this note has appeared, only the queue can still change the layout.
  await expect(lastAnswer(page)).toContainText('The model has paused');
  await watchShifts(page);
  // The page shows a sent message before the server responds. `watchShifts` ignores shifts within half a second after a key press. The
  // test delays each response longer than that, so that the shifts that the response causes are recorded.
  let answer = () => {};
  await page.route('**/api/stream/start', async (route) => {
    await new Promise<void>((resolve) => (answer = resolve));
    await route.continue();
  });
  const place = () => action(page, 'Send now').evaluate((button) => button.getBoundingClientRect().x);
  let before: number | null = null;
  for (const [i, question] of [second, third, fourth].entries()) {
    await composer(page).fill(question);
    await send(page);
    await expect(waiting(page).last()).toContainText(question);
    await expect(action(page, 'Remove', i)).toBeDisabled();
    // The buttons keep their place when one more turn waits, and none of them wraps to a second line.
    expect(await place()).toBe(before ?? (await place()));
    before = await place();
    const tops = await waiting(page).last().locator('.actions button:visible, summary').evaluateAll(middles);
    expect(new Set(tops).size).toBe(1);
    await page.waitForTimeout(600);
    answer();
    await expect(action(page, 'Remove', i)).toBeEnabled();
  }
  await page.unroute('**/api/stream/start');
  // The document itself does not scroll, only the conversation in it.
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  await expect(waiting(page).first()).toContainText('Waiting: next');
  await expect(waiting(page).nth(1)).toContainText('Waiting: number 2');

  await action(page, 'Move up', 2).click();
  await expectWaiting(page, [second, fourth, third]);
  await action(page, 'Remove', 2).click();
  await expectWaiting(page, [second, fourth]);
  // With the keyboard: the pressed button moves with its message and keeps the focus. At the top of the list, “Move up” does
  // nothing, but still keeps the focus.
  await action(page, 'Move up', 1).focus();
  await page.keyboard.press('Enter');
  await expectWaiting(page, [fourth, second]);
  await expect(action(page, 'Move up')).toBeFocused();
  await action(page, 'Move down').focus();
  await page.keyboard.press('Enter');
  await expectWaiting(page, [second, fourth]);
  // “Edit” replaces the message by a field, and focuses the field. Esc discards the edit and does not stop the answer.
  const edit = waiting(page).nth(1).locator('summary');
  const field = waiting(page).nth(1).getByRole('textbox');
  await edit.focus();
  await page.keyboard.press('Enter');
  await expect(field).toBeFocused();
  await page.keyboard.type(' discarded');
  await page.keyboard.press('Escape');
  await expect(edit).toBeFocused();
  await expect(page.getByRole('button', { name: 'Stop the answer' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue(fourth);
  await field.fill(`${fourth} edited`);
  await action(page, 'Save', 1).click();
  await expectWaiting(page, [second, `${fourth} edited`]);
  await expect(edit).toBeFocused();
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

test('Stop holds the waiting questions, Resume sends the next one, and Send now stops an answer and sends a waiting question', async ({
  page,
  model,
}) => {
  const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
  await askAndQueue(page, model, [first, second, third]);
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

test('a held message stays held when a later answer is complete, and pressing Esc does not remove the message', async ({
  page,
  model,
}) => {
  const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
  await askAndQueue(page, model, [first, second]);
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(held(page)).toBeVisible();
  await page.getByRole('button', { name: 'Regenerate' }).click();
  const again = await model.asked(first);
  again.write(words(3));
  await expect(lastAnswer(page)).toContainText('word2');
  // A message that is sent to a held queue is held, too.
  await composer(page).fill(third);
  await send(page);
  await expectWaiting(page, [second, third]);
  await expect(action(page, 'Remove', 1)).toBeEnabled();
  again.end();
  await ended(page);
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.waitForTimeout(500);
  await expect(page.getByRole('button', { name: 'Stop the answer' })).toHaveCount(0);
  await page.reload();
  await expectWaiting(page, [second, third]);
});

test('a question that is asked under an older version, while another version is written, belongs to the older version', async ({
  page,
  model,
}) => {
  const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
  await open(page);
  await ask(page, first);
  (await model.asked(first)).reply('Old answer.');
  await ended(page);
  await page.getByRole('button', { name: 'Regenerate' }).click();
  const again = await model.asked(first);
  again.write('New');
  await expect(lastAnswer(page)).toContainText('New');
  await page.getByRole('link', { name: 'Older version' }).click();
  await expect(lastAnswer(page)).toContainText('Old answer.');
  for (const [at, question] of [second, third].entries()) {
    await composer(page).fill(question);
    await send(page);
    await expect(action(page, 'Remove', at)).toBeEnabled();
  }
  again.end();
  (await model.asked(second)).reply('Second answer.');
  (await model.asked(third)).reply('Third answer.');
  await expect(lastAnswer(page)).toContainText('Third answer.');
  await expect(answers(page)).toHaveText([/Old answer\./, /Second answer\./, /Third answer\./]);
});

test('when an answer fails, the notice about the held messages moves none of them @phone', async ({ page, model }) => {
  const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
  await open(page);
  await ask(page, first);
  const running = await model.asked(first);
  running.write(words(3));
  await expect(lastAnswer(page)).toContainText('word2');
  for (const question of [second, third]) {
    await composer(page).fill(question);
    await send(page);
    await expect(waiting(page).last()).toContainText(question);
  }
  // The places are measured from the top of the list, because the failure notice above the list moves the whole list.
  const places = () =>
    page.locator('.queue').evaluate((list) => {
      const { top } = list.getBoundingClientRect();
      return [...list.querySelectorAll('.queued, .held')].map((each) =>
        Math.round(each.getBoundingClientRect().top - top),
      );
    });
  await expect(action(page, 'Remove', 1)).toBeEnabled();
  const before = await places();
  await expect(held(page)).toBeHidden();
  running.fail();
  await expect(held(page)).toBeVisible();
  expect(await places()).toEqual(before);
  await expect(page.getByRole('button', { name: 'Discard' })).toBeInViewport();
  await page.screenshot({ path: test.info().outputPath('held-below.png') });
});

test('if the response to a change of the queue is lost, the change is not shown as failed', async ({ page, model }) => {
  const [first, second, third] = ['one', 'two', 'three'].map(uniqueQuestion) as [string, string, string];
  await askAndQueue(page, model, [first, second, third]);
  for (const at of [0, 1]) await expect(action(page, 'Remove', at)).toBeEnabled();
  const requests: string[] = [];
  await page.route('**/api/chats/*/queue/*', async (route) => {
    const method = route.request().method();
    requests.push(method);
    // For each method, the server performs the first request, but its response is lost. A second request passes.
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
  // The removed turn does not come back when the page renders the queue again.
  await page.waitForTimeout(1000);
  await expectWaiting(page, [`${second} edited`]);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a long message that waits is edited in its whole length, although the list shows only its beginning @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const first = uniqueQuestion('one');
  await ask(page, first);
  const running = await model.asked(first);
  running.write(words(3));
  const message = longMessage('two');
  await composer(page).fill(message);
  await send(page);
  const saved = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await editEnd(page, message);
  await saved;
  // For the edit, the page loaded the whole text of the message. From now on, the page shows the whole text, with the new end.
  await expect(waiting(page).locator('.bubble')).toContainText('Another end.');
  running.end();
  const edited = message.replace('The end.', 'Another end.');
  (await model.asked(edited)).reply('Second answer.');
  await expect(questions(page).last()).toContainText('Another end.');
  await expect(lastAnswer(page)).toContainText('Second answer.');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a long message that waits is edited in its whole length, too @phone', async ({ page, model }) => {
    const first = uniqueQuestion('one');
    await page.goto('/', { waitUntil: 'commit' });
    await sendForm(page, first);
    const running = await model.asked(first);
    running.write(words(3));
    const message = longMessage('two');
    await composer(page).fill(message);
    await page.getByRole('button', { name: 'Send after this answer' }).click({ noWaitAfter: true });
    await editEnd(page, message);
    await expect(page).not.toHaveURL(/whole=/);
    running.end();
    (await model.asked(message.replace('The end.', 'Another end.'))).reply('Second answer.');
    await expect
      .poll(async () => {
        await page.reload({ waitUntil: 'commit' });
        return questions(page).last().textContent();
      })
      .toContain('Another end.');
  });

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
    const frame = page.frameLocator('iframe.live-frame');
    await frame.getByRole('button', { name: 'Stop' }).click({ noWaitAfter: true });
    await expect(frame.getByText('The waiting messages are held.')).toBeVisible();
    await page.reload({ waitUntil: 'commit' });
    await expect(held(page)).toBeVisible();
    await page.getByRole('button', { name: 'Discard' }).click({ noWaitAfter: true });
    await expect(waiting(page)).toHaveCount(0);
  });
});

test('questions that wait under two versions go to their own versions, and the page says which ones go elsewhere', async ({
  page,
  model,
}) => {
  const [first, dogs, cats, moreDogs] = ['one', 'dogs', 'cats', 'more dogs'].map(uniqueQuestion) as [
    string,
    string,
    string,
    string,
  ];
  await open(page);
  await ask(page, first);
  (await model.asked(first)).reply('Old answer.');
  await ended(page);
  await page.getByRole('button', { name: 'Regenerate' }).click();
  const again = await model.asked(first);
  again.write('New');
  await expect(lastAnswer(page)).toContainText('New');
  const queue = async (question: string, at: number) => {
    await composer(page).fill(question);
    await send(page);
    await expect(action(page, 'Remove', at)).toBeEnabled();
  };
  await queue(dogs, 0);
  await page.getByRole('link', { name: 'Older version' }).click();
  await expect(lastAnswer(page)).toContainText('Old answer.');
  await queue(cats, 1);
  await expect(waiting(page).first()).toContainText('In another version');
  await expect(waiting(page).last()).not.toContainText('In another version');
  await page.getByRole('link', { name: 'Newer version' }).click();
  await expect(lastAnswer(page)).toContainText('New');
  await queue(moreDogs, 2);
  await expect(waiting(page).nth(1)).toContainText('In another version');
  again.end();
  (await model.asked(dogs)).reply('Dogs.');
  (await model.asked(cats)).reply('Cats.');
  (await model.asked(moreDogs)).reply('More dogs.');
  await nothingRuns(page);
  await page.reload();
  await expect(answers(page)).toHaveText([/New/, /Dogs\./, /More dogs\./]);
});

for (const how of ['Continue', 'Regenerate'] as const)
  test(`a message that is held after Stop follows the answer that ${how} begins`, async ({ page, model }) => {
    const [first, held] = ['one', 'held'].map(uniqueQuestion) as [string, string];
    await open(page);
    await ask(page, first);
    (await model.asked(first)).write('Half of it');
    await expect(lastAnswer(page)).toContainText('Half of it');
    await composer(page).fill(held);
    await send(page);
    await expect(action(page, 'Remove', 0)).toBeEnabled();
    await page.getByRole('button', { name: 'Stop the answer' }).click();
    await expect(waiting(page)).toContainText('Held');
    await page.getByRole('button', { name: how }).first().click();
    const again = await model.asked(first);
    again.write(` and the rest ${words(40)}`);
    await expect(lastAnswer(page)).toContainText('and the rest');
    await expect(waiting(page)).not.toContainText('In another version');
    const resume = page.getByRole('button', { name: 'Resume' });
    if (how === 'Regenerate') {
      // The message waits for the end of this answer.
      await resume.click();
      await expect(waiting(page)).toHaveText(/Waiting: next/);
      await expect(waiting(page)).not.toContainText('In another version');
      again.end();
    } else {
      again.end();
      await ended(page);
      await expect(waiting(page)).not.toContainText('In another version');
      // If the person resumes from another version, the page goes to the version of the message.
      await page.getByRole('link', { name: 'Older version' }).click();
      await expect(waiting(page)).toContainText('In another version');
      await resume.click();
    }
    (await model.asked(held)).reply('The held one.');
    await expect(answers(page)).toHaveText([/and the rest/, /The held one\./]);
  });
