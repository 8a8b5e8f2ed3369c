import type { Page } from '@playwright/test';
import { watchAnnouncements } from './ui/announced.ts';
import {
  answerText,
  ask,
  composer,
  connectionLine,
  ended,
  lastAnswer,
  open,
  questions,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { joinedByBen, openPeople, say } from './ui/people.ts';
import type { ScriptedModel } from './ui/scripted-model.ts';
import { expect, test } from './ui/test.ts';

test.use({ stackEnv: { GUESTS_MAY_EDIT: '1' } });

const BEGINS = 'An answer is being written.';
const COMPLETE = 'The answer is complete.';
const STOPPED = 'The answer was stopped.';
const waiting = (page: Page) => page.locator('.turn.queued');

/** Asks a question, in the open chat or in a new one, and writes the beginning of the answer. */
async function begin(page: Page, model: ScriptedModel, question: string) {
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(words(3));
  await expect(answerText(page)).toHaveText(words(3));
  return answer;
}

async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await ended(page);
}

test('the end of each answer is announced once, and is never mistaken for the end of the previous answer', async ({
  page,
  model,
}) => {
  await open(page);
  const announced = await watchAnnouncements(page);
  // After the first question, the page of the chat replaces the page for new chats. The element for announcements stays the same.
  await begin(page, model, uniqueQuestion('stopped'));
  await stop(page);
  await expect.poll(announced).toEqual([BEGINS, STOPPED]);

  (await begin(page, model, uniqueQuestion('complete'))).end();
  await ended(page);
  await expect.poll(announced).toEqual([BEGINS, STOPPED, BEGINS, COMPLETE]);

  (await begin(page, model, uniqueQuestion('fails'))).fail();
  await expect(lastAnswer(page)).toContainText('The connection to the model server was lost');
  await expect.poll(announced).toHaveLength(6);
  expect((await announced()).slice(4)).toEqual([BEGINS, expect.stringMatching(/^The answer failed\. ./)]);

  // A refused question starts no answer, so neither a beginning nor an end is announced.
  const problem = { title: 'Too many requests. Please wait a moment.', status: 429, code: 'rate_limited' };
  await page.route(
    '**/api/stream/start',
    (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    { times: 1 },
  );
  const question = uniqueQuestion('refused');
  await composer(page).fill(question);
  await composer(page).press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(composer(page)).toHaveValue(question);
  await begin(page, model, question);
  await expect.poll(announced).toHaveLength(7);
});

test('if an answer fails in a new chat, the failure is announced exactly once', async ({ page, model }) => {
  await open(page);
  const announced = await watchAnnouncements(page);
  const question = uniqueQuestion('new chat');
  // The data for the page of the new chat is held back until the answer has failed.
  let letPageIn = () => {};
  const failed = new Promise<void>((resolve) => (letPageIn = resolve));
  await page.route(/\/chat\/.*_data=/, async (route) => {
    const response = await route.fetch();
    await failed;
    await route.fulfill({ response });
  });
  await composer(page).fill(question);
  await composer(page).press('Enter');
  const answer = await model.asked(question);
  answer.write(words(3));
  await expect(answerText(page)).toHaveText(words(3));
  answer.fail();
  await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'false');
  letPageIn();
  await expect(page).toHaveURL(/\/chat\//);
  await expect(lastAnswer(page)).toContainText('The connection to the model server was lost');
  await begin(page, model, uniqueQuestion('next'));
  await expect.poll(announced).toEqual([BEGINS, expect.stringMatching(/^The answer failed\. ./), BEGINS]);
});

test('it is announced that a question waits, is moved or is removed, and that waiting questions are held after a stop', async ({
  page,
  model,
}) => {
  const [first, second, third, fourth] = ['one', 'two', 'three', 'four'].map(uniqueQuestion) as [
    string,
    string,
    string,
    string,
  ];
  await open(page);
  await begin(page, model, first);
  const announced = await watchAnnouncements(page);
  const expected: string[] = [];
  const expectNext = async (...sentences: string[]) => {
    expected.push(...sentences);
    await expect.poll(announced).toEqual(expected);
  };
  const sentences = [
    'Your message waits. It is next.',
    'Your message waits, number 2.',
    'Your message waits, number 3.',
  ];
  for (const [i, question] of [second, third, fourth].entries()) {
    await composer(page).fill(question);
    await composer(page).press('Enter');
    await expectNext(sentences[i]!);
  }
  const action = (name: string, text: string) => waiting(page).filter({ hasText: text }).getByRole('button', { name });
  await action('Move up', fourth).click();
  await expectNext('Moved to place 2.');
  await action('Move up', fourth).click();
  await expectNext('Moved to place 1.');
  await action('Remove', third).click();
  await expectNext('Removed.');
  await stop(page);
  await expectNext(STOPPED, 'The waiting messages are held.');

  await page.getByRole('button', { name: 'Resume' }).click();
  (await model.asked(fourth)).write(words(3));
  await expectNext(BEGINS);
  await action('Send now', second).click();
  const last = await model.asked(second);
  last.write(words(3));
  await expectNext(STOPPED, BEGINS);
  last.end();
  await expectNext(COMPLETE);
  // The removed question is not announced later either.
  await begin(page, model, uniqueQuestion('five'));
  await expectNext(BEGINS);
});

test('offline, a question is not announced as being answered before the server has it', async ({
  page,
  model,
  context,
}) => {
  await open(page);
  const announced = await watchAnnouncements(page);
  (await begin(page, model, uniqueQuestion('first'))).end();
  await expect.poll(announced).toEqual([BEGINS, COMPLETE]);
  await context.setOffline(true);
  const question = uniqueQuestion('offline');
  await composer(page).fill(question);
  await composer(page).press('Enter');
  await expect(connectionLine(page)).toHaveText('You’re offline. Your message will be sent when you’re back.');
  await expect(questions(page).last()).toContainText(question);
  expect(await announced()).toHaveLength(2);
  await context.setOffline(false);
  (await model.asked(question)).write(words(3));
  await expect.poll(announced).toEqual([BEGINS, COMPLETE, BEGINS]);

  await context.setOffline(true);
  await composer(page).fill('Next.');
  await composer(page).press('Enter');
  await expect.poll(async () => (await announced()).slice(3)).toEqual(['Not sent yet']);
  await context.setOffline(false);
  await expect
    .poll(async () => (await announced()).slice(4), { timeout: 15_000 })
    .toEqual(['Your message waits. It is next.']);
});

test('in a room, what others ask and say is announced, and so is a new role', async ({
  page: ana,
  model,
  browser,
  baseURL,
}) => {
  const first = uniqueQuestion('one');
  await open(ana);
  await ask(ana, first);
  (await model.asked(first)).reply('The first answer.');
  await ended(ana);
  const ben = await joinedByBen(ana, browser, baseURL);
  await expect(composer(ben)).toBeVisible();

  const toAna = await watchAnnouncements(ana);
  const toBen = await watchAnnouncements(ben);
  await composer(ana).fill('Look at this.');
  await say(ana).click();
  await expect.poll(toBen).toEqual(['Ana said: Look at this.']);
  await expect.poll(toAna).toEqual(['You said: Look at this.']);

  const question = uniqueQuestion('ben asks');
  await composer(ben).fill(question);
  await composer(ben).press('Enter');
  const answer = await model.asked(question);
  answer.write(words(3));
  await expect.poll(toAna).toEqual(['You said: Look at this.', `Ben asked: ${question}`, BEGINS]);
  await composer(ben).fill('Meanwhile.');
  await say(ben).click();
  await expect.poll(async () => (await toAna()).slice(3)).toEqual(['Ben said: Meanwhile.']);
  await composer(ana).fill('And then?');
  await composer(ana).press('Enter');
  await expect.poll(async () => (await toAna()).slice(4)).toEqual(['Your message waits. It is next.']);
  await expect.poll(toBen).toEqual(['Ana said: Look at this.', BEGINS, 'You said: Meanwhile.', 'Ana asked: And then?']);
  answer.end();
  const last = await model.asked('And then?');
  last.write(words(3, 10));
  await expect(answerText(ana)).toHaveText(words(3, 10));
  await expect(answerText(ben)).toHaveText(words(3, 10));
  last.end();
  // The question and the remark that were sent while the answer was written are now messages of the chat. They are not announced again.
  await expect.poll(async () => (await toAna()).slice(5)).toEqual([COMPLETE, BEGINS, COMPLETE]);
  await expect.poll(async () => (await toBen()).slice(4)).toEqual([COMPLETE, BEGINS, COMPLETE]);

  await openPeople(ana);
  await ana.getByRole('combobox', { name: 'Role of Ben' }).selectOption('viewer');
  await ana.getByRole('button', { name: 'Change role' }).click();
  await expect.poll(async () => (await toBen()).slice(7)).toEqual(['You can only read here now.']);
  await expect(ana.getByRole('dialog').getByText('Saved.')).toBeAttached();
  await ana.getByRole('combobox', { name: 'Role of Ben' }).selectOption('editor');
  await ana.getByRole('button', { name: 'Change role' }).click();
  await expect.poll(async () => (await toBen()).slice(8)).toEqual(['You can ask and write here now.']);
  await ben.context().close();
});
