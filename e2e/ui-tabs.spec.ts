import { expect, test } from './ui/test.ts';
import {
  answerText,
  api,
  ask,
  chatIdOf,
  chatRow,
  composer,
  connectionLine,
  ended,
  lastAnswer,
  open,
  questions,
  send,
  startElsewhere,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { watchReaders } from './ui/open-readers.ts';
import { expectOnlyGrowth, framesOf, recordFrames } from './ui/recorded-frames.ts';
import { showPage, hidePage } from './ui/visibility.ts';

/** Two more than the maximum number of connections that a browser opens to one host. */
const TABS = 8;
/** Within this time, the other tabs must show a change. On an idle machine this takes 0.1 s. If tabs only polled, it would take 3 s. */
const SOON_MS = 2500;

test('an answer that starts, grows, is stopped or ends in one tab does so in the others within seconds', async ({
  page,
  context,
  model,
}) => {
  await recordFrames(context);
  const other = await context.newPage();
  const elsewhere = await context.newPage();
  await open(page);
  const question = uniqueQuestion('tabs');
  await ask(page, question);
  (await model.asked(question)).reply('Ready.');
  await ended(page);
  await open(other, page.url());
  await open(elsewhere);
  const later = async (text: string) => {
    const [mine, theirs] = await Promise.all(
      [page, other].map(async (tab) => {
        const shows = async () => (await framesOf(tab)).find((frame) => frame.text.includes(text))?.atMs;
        await expect.poll(shows).toBeDefined();
        return shows();
      }),
    );
    test.info().annotations.push({ type: 'measured', description: `“${text}”: ${theirs! - mine!} ms later` });
    return theirs! - mine!;
  };

  await ask(page, 'the second');
  const answer = await model.asked('the second');
  answer.write('It starts');
  expect(await later('It starts')).toBeLessThan(SOON_MS);
  await expect(questions(other)).toHaveCount(2);
  await expect(chatRow(elsewhere, question).locator('.mark.running')).toBeVisible({ timeout: SOON_MS });
  answer.write(' and grows');
  expect(await later('and grows')).toBeLessThan(SOON_MS);

  await other.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(lastAnswer(other).getByText('Stopped.').first()).toBeVisible();
  await expect(lastAnswer(page).getByText('Stopped.').first()).toBeVisible({ timeout: SOON_MS });
  await expect(chatRow(elsewhere, question).locator('.mark.running')).toBeHidden({ timeout: SOON_MS });

  await ask(other, 'the third');
  const third = await model.asked('the third');
  third.write('Once more');
  expect(Math.abs(await later('Once more'))).toBeLessThan(SOON_MS);
  third.end();
  await ended(other);
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible({ timeout: SOON_MS });
  // Two visible tabs show this chat, so its answer does not count as unread.
  await expect(chatRow(elsewhere, question).locator('.mark')).toHaveCount(0, { timeout: SOON_MS });
});

test('a visible tab holds one connection while an answer is written, and none otherwise', async ({
  page,
  context,
  model,
}) => {
  const readers = watchReaders(context);
  await open(page);
  const question = uniqueQuestion('connections');
  expect(readers.asked).toEqual([]);
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('One');
  await expect(answerText(page)).toHaveText('One');
  expect(readers.count).toBe(1);

  await hidePage(page);
  await expect.poll(() => readers.count).toBe(0);
  answer.write(', two');
  await showPage(page);
  await expect(answerText(page)).toHaveText('One, two');
  // When the tab became visible, it asked for the status first.
  expect(readers.asked).toEqual(['resume', 'status', 'resume']);
  expect(readers.count).toBe(1);

  answer.end();
  await ended(page);
  await expect.poll(() => readers.count).toBe(0);
  await page.reload();
  await expect(composer(page)).toBeVisible();
  expect(readers.asked).toHaveLength(3);
});

test('when an answer ends in a hidden tab, the title of the tab says so, and the tab shows the whole answer once it is visible', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('hidden');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('Begun');
  await expect(answerText(page)).toHaveText('Begun');
  await hidePage(page);
  answer.reply(' and ended.');
  // A hidden tab polls now and then.
  await expect(page).toHaveTitle(/Answer ready/);
  await showPage(page);
  await expect(answerText(page)).toHaveText('Begun and ended.');
  await expect(page).toHaveTitle(`${question} · Rejoin`);
  await expect(connectionLine(page)).toHaveText('Finished while you were away');
});

test('a hidden tab in which several answers have ended has its usual title again once it is visible', async ({
  page,
  model,
}) => {
  await open(page);
  const [question, next] = [uniqueQuestion('hidden'), uniqueQuestion('and then')];
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('Begun');
  await expect(answerText(page)).toHaveText('Begun');
  await composer(page).fill(next);
  await send(page);
  await expect(page.locator('.turn.queued')).toContainText(next);
  // This button is enabled once the server has accepted the question.
  await expect(page.locator('.turn.queued').getByRole('button', { name: 'Remove' })).toBeEnabled();
  await hidePage(page);
  answer.reply(' and ended.');
  await expect(page).toHaveTitle(/Answer ready/);
  (await model.asked(next)).reply('Ended, too.');
  await expect(answerText(page).last()).toHaveText('Ended, too.');
  await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'false');
  await expect(page).toHaveTitle(/Answer ready/);
  await showPage(page);
  await expect(page).toHaveTitle(`${question} · Rejoin`);
});

test(`${TABS} tabs show live answers, and one more page loads`, async ({ page, context, model }) => {
  await recordFrames(context);
  await open(page);
  const titles = Array.from({ length: TABS }, (_, index) => uniqueQuestion(`tab ${index}`));
  const chatIds = await Promise.all(titles.map((title) => startElsewhere(page, title)));
  const live = await Promise.all(titles.map((title) => model.asked(title)));
  const whole = words(400);
  const pouring = Promise.all(live.map((answer) => answer.pour(whole, { piecesPerSecond: 30, pieceChars: 12 })));

  const tabs = await Promise.all(
    chatIds.map(async (chatId) => {
      const tab = await context.newPage();
      await open(tab, `/chat/${chatId}`);
      return tab;
    }),
  );
  const grown = async (word: string) => {
    for (const tab of tabs) await expect(answerText(tab)).toContainText(word);
  };
  await grown('word20 ');
  // None of the answers has ended. If the tabs held all connections, this page could not load.
  await page.goto('/', { waitUntil: 'load' });
  await expect(composer(page)).toBeVisible();
  await grown('word100 ');

  await pouring;
  for (const answer of live) answer.end();
  for (const tab of tabs) {
    await ended(tab);
    await expect(answerText(tab)).toHaveText(whole);
    expectOnlyGrowth(await framesOf(tab), { whole });
  }
});

test('a chat that is deleted in one tab is kept if another tab asks a question in it while the deletion can be undone', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('keep');
  await ask(page, question);
  (await model.asked(question)).reply('The first.');
  await ended(page);
  const other = await context.newPage();
  await open(other, page.url());
  await other.locator('.title-menu > summary').click();
  await other.locator('.title-menu').getByRole('link', { name: 'Delete' }).click();
  await expect(other.getByRole('button', { name: 'Undo' })).toBeVisible();

  await ask(page, 'the second');
  (await model.asked('the second')).reply('Kept.');
  await ended(page);
  await expect(other.getByText('The chat was kept: somebody asked something in it')).toBeVisible({ timeout: 20_000 });
  await page.reload();
  await expect(answerText(page)).toHaveText('Kept.');
});

test('a page whose chat is deleted elsewhere during an answer says so once, and offers nothing that cannot help', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('deleted');
  await ask(page, question);
  (await model.asked(question)).write('Begun');
  await expect(answerText(page)).toHaveText('Begun');
  // Without its data, the page cannot change to “Chat not found” yet.
  await page.route(/\.data(\?|$)/, () => new Promise(() => {}));
  await api(page, 'DELETE', `/api/chats/${chatIdOf(page)}`);
  await expect(page.getByRole('main').getByText('This answer can no longer be followed')).toHaveCount(1);
  await expect(lastAnswer(page).locator('.outcome')).toContainText('This answer can no longer be followed');
  await expect(page.getByRole('button', { name: /^(Continue|Try again)$/ })).toHaveCount(0);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a question in a chat that was deleted elsewhere creates no chat, and its text is kept in the field for a new chat', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('gone');
  await ask(page, question);
  (await model.asked(question)).reply('The first.');
  await ended(page);
  await api(page, 'DELETE', `/api/chats/${chatIdOf(page)}`);
  await composer(page).fill('And now?');
  await send(page);
  await expect(page.getByRole('heading', { name: 'Chat not found' })).toBeVisible();
  await expect(page.getByText('What you typed is in a new chat.')).toBeVisible();
  await page.getByRole('link', { name: 'New chat' }).click();
  await expect(composer(page)).toHaveValue('And now?');
  expect((await (await api(page, 'GET', '/api/chats')).json()) as object).toMatchObject({ chats: [] });
});

test('what was typed into the blanks of a template is in a new chat after the chat was deleted elsewhere', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('gone');
  await ask(page, question);
  (await model.asked(question)).reply('The first.');
  await ended(page);
  await composer(page).pressSequentially('/sum');
  await composer(page).press('Enter');
  await page.getByLabel('The text').fill('A long pasted text');
  await api(page, 'DELETE', `/api/chats/${chatIdOf(page)}`);
  await page.reload();
  await expect(page.getByText('What you typed is in a new chat.')).toBeVisible();
  await page.getByRole('link', { name: 'New chat' }).click();
  await expect(page.getByLabel('The text')).toHaveValue('A long pasted text');
});
