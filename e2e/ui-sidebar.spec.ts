import { readFile } from 'node:fs/promises';
import { PAGE_ENTRIES } from '../shared/chat/chat.ts';
import { ageChat } from './ui/aged-chat.ts';
import type { Page } from '@playwright/test';
import { expect, test } from './ui/test.ts';
import {
  answerText,
  answers,
  api,
  ask,
  chatRow,
  composer,
  ended,
  hydrated,
  nothingRuns,
  open,
  questions,
  showSidebar,
  sidebar,
  startElsewhere,
  uniqueQuestion,
} from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';

test('chats are listed by day, found by their titles, renamed, deleted and brought back @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const [first, second] = [uniqueQuestion('Gardens'), uniqueQuestion('Bridges')];
  for (const question of [first, second]) {
    await open(page);
    await ask(page, question);
    (await model.asked(question)).reply('Yes.');
    await ended(page);
  }
  await showSidebar(page);
  const today = sidebar(page).getByRole('region', { name: 'Today' });
  await expect(today.getByRole('listitem')).toHaveText([second, first]);

  await sidebar(page).getByRole('searchbox').fill('gard');
  await expect(sidebar(page).getByRole('option')).toHaveText([new RegExp(first)]);
  await sidebar(page).getByRole('searchbox').fill('nothing like it');
  await expect(sidebar(page)).toContainText('No chats found');
  await sidebar(page).getByRole('searchbox').fill('');
  await expect(today.getByRole('listitem')).toHaveCount(2);

  await openRowMenu(page, first);
  await sidebar(page).getByRole('link', { name: 'Rename' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await expect(dialog.getByLabel('Title')).toBeFocused();
  await page.keyboard.type(`${first}, renamed`);
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog).toBeHidden();
  await showSidebar(page);
  await chatRow(page, `${first}, renamed`).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${first}, renamed`);
  await expect(page).toHaveTitle(`${first}, renamed · Rejoin`);

  await deleteByRow(page, second);
  await expect(page.locator('.chat-row')).toHaveCount(1);
  const undo = page.getByRole('button', { name: 'Undo' });
  await expect(undo).toBeFocused();
  // The notice is centred in the area of the chat, not in the whole window, which also contains the list.
  const centreOf = (selector: string) =>
    page.locator(selector).evaluate((element) => {
      const { left, right } = element.getBoundingClientRect();
      return (left + right) / 2;
    });
  expect(Math.abs((await centreOf('.toast')) - (await centreOf('#main')))).toBeLessThan(2);
  await undo.click();
  await expect(page.locator('.chat-row')).toHaveCount(2);
  await expect(undo).toBeHidden();

  await deleteByRow(page, second);
  await expect(page.locator('.chat-row')).toHaveCount(1);
  await expect(questions(page)).toHaveText([new RegExp(first)]);
  // The deletion becomes final after ten seconds, or when the page is left.
  await page.reload();
  await hydrated(page);
  await expect(page.locator('.chat-row')).toHaveCount(1);

  // The chat that is deleted now is the open one, so the page goes to a new chat.
  await deleteByRow(page, first);
  await expect(page).toHaveURL('/');
  await expect(composer(page)).toBeVisible();
  await expect(page.locator('.chat-row')).toHaveCount(0);
  await expect(undo).toBeVisible();
  const deleted = page.waitForRequest((request) => request.method() === 'DELETE');
  await page.goto('/settings');
  await deleted;
  await expect(page.locator('.chat-row')).toHaveCount(0);
});

/** Opens the menu of a chat in the list. On a phone, opens the drawer with the list first. */
async function openRowMenu(page: Page, title: string): Promise<void> {
  await showSidebar(page);
  await chatRow(page, title)
    .getByRole('link', { name: /^Options for/ })
    .click();
}

async function deleteByRow(page: Page, title: string): Promise<void> {
  await openRowMenu(page, title);
  await sidebar(page).getByRole('link', { name: 'Delete' }).click();
}

test('a deletion becomes final after ten seconds, but not while the mouse or the keyboard focus is on the notice with Undo @phone', async ({
  page,
  model,
  isMobile,
}) => {
  await page.clock.install();
  await open(page);
  const [first, second, third] = ['first', 'second', 'third'].map(uniqueQuestion) as [string, string, string];
  for (const question of [first, second, third]) {
    await startElsewhere(page, question);
    (await model.asked(question)).reply('Yes.');
  }
  await nothingRuns(page);
  await open(page);
  // The parameter `unlessAskedWithinMs` says how long ago Delete was pressed. The server keeps the chat if a question was asked since
  // then. The test moves only the clock of the page forward. By the clock of the server, the questions above would be newer than the
  // press of Delete, and the chats would be kept. So the test removes the parameter.
  await page.route(/\/api\/chats\/[^?]*\?unlessAskedWithinMs=/, (route) =>
    route.continue({ url: route.request().url().split('?')[0]! }),
  );
  const deletions: string[] = [];
  page.on('request', (request) => request.method() === 'DELETE' && deletions.push(request.url()));
  const undo = page.getByRole('button', { name: 'Undo' });

  // Undo also gets the focus after a click on Delete with the mouse. Only a focus that comes from the keyboard delays the deletion.
  await deleteByRow(page, first);
  await expect(undo).toBeFocused();
  await page.clock.runFor(8_000);
  await expect(undo).toBeVisible();
  expect(deletions).toHaveLength(0);
  await page.clock.runFor(3_000);
  await expect(undo).toBeHidden();
  expect(deletions).toHaveLength(1);
  if (isMobile) return;

  await openRowMenu(page, second);
  await sidebar(page).getByRole('link', { name: 'Archive', exact: true }).click();
  await page.getByText('Chat archived.').hover();
  await page.clock.runFor(60_000);
  await expect(undo).toBeVisible();
  await page.mouse.move(0, 0);
  await page.clock.runFor(8_000);
  await expect(undo).toBeVisible();
  await page.clock.runFor(3_000);
  await expect(undo).toBeHidden();

  const options = chatRow(page, third).getByRole('link', { name: /^Options for/ });
  await options.press('Enter');
  await sidebar(page).getByRole('link', { name: 'Delete' }).press('Enter');
  await expect(undo).toBeFocused();
  await page.clock.runFor(60_000);
  await expect(undo).toBeVisible();
  expect(deletions).toHaveLength(1);
  await page.keyboard.press('Tab');
  await page.clock.runFor(11_000);
  await expect(undo).toBeHidden();
  expect(deletions).toHaveLength(2);
});

test('a chat that is being deleted is not found by a search, and its page says that it is being deleted, until Undo', async ({
  page,
  model,
}) => {
  await open(page);
  const title = uniqueQuestion('Harbours');
  await ask(page, title);
  (await model.asked(title)).reply('The zephyrine wind.');
  await ended(page);
  const address = page.url();
  await deleteByRow(page, title);
  await expect(page).toHaveURL('/');
  // The deletion waits while the mouse is on the notice.
  await page.getByText('Chat deleted.').hover();
  const search = sidebar(page).getByRole('searchbox');
  for (const words of [title, 'zephyrine']) {
    await search.fill(words);
    await expect(sidebar(page)).toContainText('No chats found');
    await expect(sidebar(page).getByRole('option')).toHaveCount(0);
  }
  await search.press('Enter');
  await expect(page).toHaveURL(/\/search\?q=/);
  await expect(page.locator('#main')).toContainText('No chats found');
  await page.goBack();
  await expect(page).toHaveURL('/');
  await expect(page.getByText('Chat deleted.')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(address);
  await expect(page.getByText('This chat is being deleted.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(answerText(page)).toHaveText('The zephyrine wind.');
  await expect(page.getByText('This chat is being deleted.')).toBeHidden();
  await search.fill('zephyrine');
  await expect(sidebar(page).getByRole('option')).toHaveCount(1);
});

test('opening a chat that was deleted on another device shows “Chat not found”, and removes the chat from the list @phone', async ({
  page,
  model,
}) => {
  test.setTimeout(120_000);
  await open(page);
  // The list loads only its newest chats at first. The test deletes the oldest chat, which is loaded after scrolling.
  const gone = uniqueQuestion('gone');
  const goneId = await startElsewhere(page, gone);
  (await model.asked(gone)).reply('Yes.');
  await nothingRuns(page);
  for (let at = 0; at < PAGE_ENTRIES; at += 1) {
    const question = uniqueQuestion('other');
    await startElsewhere(page, question);
    (await model.asked(question)).reply('Yes.');
  }
  await nothingRuns(page);
  await open(page);
  await showSidebar(page);
  await sidebar(page)
    .getByRole('navigation')
    .evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(chatRow(page, gone)).toBeVisible();
  expect((await api(page, 'DELETE', `/api/chats/${goneId}`)).ok()).toBe(true);
  await chatRow(page, gone).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Chat not found' })).toBeVisible();
  await expect(page.getByText('It was deleted, has expired, or belongs to someone else.')).toBeVisible();
  await showSidebar(page);
  await expect(chatRow(page, gone)).toHaveCount(0);
  await expect(sidebar(page).locator('.chat-row')).toHaveCount(PAGE_ENTRIES);
});

test('a chat is pinned above the days, archived, found in the archive and brought back @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const [first, second] = [uniqueQuestion('Gardens'), uniqueQuestion('Bridges')];
  for (const question of [first, second]) {
    await startElsewhere(page, question);
    (await model.asked(question)).reply('Yes.');
    await nothingRuns(page);
  }
  await page.reload();
  await hydrated(page);
  const choose = async (title: string, name: string) => {
    await openRowMenu(page, title);
    await sidebar(page).getByRole('link', { name, exact: true }).click();
    await showSidebar(page);
  };
  const region = (name: string) => sidebar(page).getByRole('region', { name });
  await choose(first, 'Pin');
  await expect(region('Pinned').getByRole('listitem')).toHaveText([new RegExp(first)]);
  await expect(region('Today').getByRole('listitem')).toHaveText([new RegExp(second)]);
  await expectNothingSerious(page, 'a pinned chat');
  await page.screenshot({ path: test.info().outputPath('pinned.png') });
  await choose(first, 'Unpin');
  await expect(region('Pinned')).toHaveCount(0);
  await choose(first, 'Archive');
  await expect(chatRow(page, first)).toHaveCount(0);

  await sidebar(page).getByRole('link', { name: 'Archived chats' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Archived chats');
  await expectNothingSerious(page, 'the archive');
  await page.screenshot({ path: test.info().outputPath('archive.png') });
  const isWhole = (title: HTMLElement | SVGElement) => title.scrollWidth <= title.clientWidth;
  expect(await page.locator('#main').getByRole('link', { name: first }).evaluate(isWhole)).toBe(true);
  await page.getByRole('button', { name: `Unarchive: ${first}` }).click();
  await expect(page.getByText('No archived chats.')).toBeVisible();
  await showSidebar(page);
  await expect(chatRow(page, first)).toHaveCount(1);

  // The title of the chat has the same menu.
  await chatRow(page, first).getByRole('link').first().click();
  await page.getByTitle('Chat options').click();
  await page.locator('#main').getByRole('link', { name: 'Archive', exact: true }).click();
  await expect(page.locator('.page-header').getByText('Archived')).toBeVisible();
  // A new question brings the chat back from the archive.
  await ask(page, 'And now?');
  (await model.asked('And now?')).reply('Now too.');
  await ended(page);
  await expect(page.locator('.page-header').getByText('Archived')).toBeHidden();
});

test('a temporary chat is in no list and no search, and its answer continues after a reload @phone', async ({
  page,
  model,
}) => {
  await open(page);
  await page.getByRole('link', { name: 'Temporary chat' }).click();
  await expect(page.getByText('Temporary chat: it is in no list')).toBeVisible();
  await expectNothingSerious(page, 'a new temporary chat');
  await page.screenshot({ path: test.info().outputPath('temporary.png') });
  const question = uniqueQuestion('Secret');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('Half of');
  await expect(answerText(page)).toHaveText('Half of');
  await page.reload();
  await hydrated(page);
  await expect(answerText(page)).toHaveText('Half of');
  answer.reply(' the secret.');
  await ended(page);
  await expect(answerText(page)).toHaveText('Half of the secret.');
  await expect(page.locator('.page-header').getByText('Temporary')).toBeVisible();
  await page.getByTitle('Chat options').click();
  await expect(page.locator('#main').getByRole('link', { name: 'Rename' })).toBeVisible();
  await expect(page.locator('#main').getByRole('link', { name: /^(Pin|Archive)$/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await showSidebar(page);
  await expect(sidebar(page)).toContainText('Your chats will be here.');
  await sidebar(page).getByRole('searchbox').fill('secret');
  await expect(sidebar(page)).toContainText('No chats found');
  // The chat is still temporary after a second question.
  await page.reload();
  await hydrated(page);
  await ask(page, 'And another?');
  (await model.asked('And another?')).reply('No.');
  await ended(page);
  await showSidebar(page);
  await expect(sidebar(page)).toContainText('Your chats will be here.');
});

test('a search finds words in messages, and a result opens the chat at that message, even if an edit hid the message @phone', async ({
  page,
  isMobile,
  model,
}) => {
  await open(page);
  const topic = uniqueQuestion('Oceans');
  await ask(page, topic);
  (await model.asked(topic)).reply('First.\n\nThe **zephyrine** wind, as they say.\n\nLast.');
  await ended(page);
  const filler = Array.from({ length: 60 }, (_, i) => `Line ${i}.`).join('\n\n');
  await ask(page, 'More, please.');
  (await model.asked('More, please.')).reply(filler);
  await expect(answerText(page)).toContainText('Line 59.');
  await ended(page);
  // An edited question starts another path, so the message that the search finds is not on the path that is shown.
  await page.getByTitle('Edit the question').first().click();
  await page.getByLabel('The question, edited').first().fill('Another way');
  await questions(page).first().getByRole('button', { name: 'Send' }).click();
  (await model.asked('Another way')).reply('Nothing of the kind.');
  await expect(answerText(page)).toHaveText('Nothing of the kind.');
  await ended(page);
  const other = uniqueQuestion('zephyrine with a title that is much longer than the list of the chats is wide');
  await startElsewhere(page, other);
  (await model.asked(other)).reply('Yes.');
  await nothingRuns(page);

  await page.locator('#main').focus();
  await page.keyboard.press('Control+k');
  await expect(sidebar(page).getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('ZEPHYR');
  const options = sidebar(page).getByRole('option');
  await expect(options).toHaveText([new RegExp(other), /Oceans.*The zephyrine wind, as they say\./]);
  await expect(options.nth(1).locator('mark')).toHaveText('zephyr');
  await expect(options.first().locator('time')).toHaveText(/^\w{3} \d{1,2}, \d{4}$/);
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  // A long title is cut with an ellipsis, and does not make the search result wider than the list.
  expect(
    await options.evaluateAll((all) => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)),
  ).toEqual([]);
  await expectNothingSerious(page, 'results');
  await page.screenshot({ path: test.info().outputPath('search.png') });
  await page.keyboard.press('ArrowUp');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\?leaf=.*#m-/);
  const answer = answers(page).first();
  await expect(answer).toContainText('zephyrine');
  await expect(answer).toBeInViewport();
  await expect(answers(page).last()).toContainText('Line 59.');
  await expect(answers(page).last()).not.toBeInViewport({ ratio: 1 });
  // The list of chats is back, and what the person types on a keyboard goes into the composer.
  await expect(page.locator('#search')).toHaveValue('');
  if (isMobile) return;
  await page.keyboard.type('And then');
  await expect(composer(page)).toHaveValue('And then');
});

test('chats are listed under the day of their last change', async ({ page, stack, model }) => {
  await open(page);
  const ages = [0, 1, 5, 20, 400];
  for (const days of ages) {
    const question = uniqueQuestion(`${days} days`);
    const chatId = await startElsewhere(page, question);
    (await model.asked(question)).reply('Yes.');
    await nothingRuns(page);
    await ageChat(stack, chatId, days);
  }
  await page.reload();
  await expect(sidebar(page).getByRole('listitem')).toHaveText(ages.map((days) => new RegExp(`^${days} days`)));
  const headings = await sidebar(page).getByRole('heading').allTextContents();
  expect(headings.slice(0, 4)).toEqual(['Today', 'Yesterday', 'Previous 7 days', 'Previous 30 days']);
  expect(headings[4]).toMatch(/^[A-Z][a-z]+ \d{4}$/);
});

test('the list marks chats that are running, finished but unread, and failed', async ({ page, model }) => {
  await open(page);
  const [finishing, failing] = [uniqueQuestion('finishing'), uniqueQuestion('failing')];
  for (const question of [finishing, failing]) await startElsewhere(page, question);
  const [finishes, fails] = [await model.asked(finishing), await model.asked(failing)];
  await page.reload();
  const mark = (title: string) => chatRow(page, title).locator('.mark + .sr-only');
  await expect(mark(finishing)).toHaveText('An answer is being written');
  await expect(mark(failing)).toHaveText('An answer is being written');
  finishes.reply('Done.');
  fails.write('Not');
  fails.fail();
  await expect(mark(finishing)).toHaveText('The answer is ready');
  await expect(mark(failing)).toHaveText('The answer failed');

  await chatRow(page, finishing).getByRole('link').first().click();
  await expect(answerText(page)).toHaveText('Done.');
  await expect(mark(finishing)).toHaveCount(0);
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(answers(page)).toHaveCount(0);
  await expect(mark(finishing)).toHaveCount(0);
  await expect(mark(failing)).toHaveText('The answer failed');
});

test('the title of the tab says that an answer is ready, until the tab is looked at @window', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('title');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('Nearly');
  await expect(answerText(page)).toHaveText('Nearly');
  // Playwright makes every page believe that it has the focus.
  const cdp = await context.newCDPSession(page);
  await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  await (await context.newPage()).bringToFront();
  await expect.poll(() => page.evaluate(() => document.hasFocus())).toBe(false);
  answer.reply(' there.');
  await expect(page).toHaveTitle(/Answer ready/);
  await page.bringToFront();
  await expect(page).toHaveTitle(`${question} · Rejoin`);
});

test('a chat can be exported as Markdown and as JSON', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('export');
  await ask(page, question);
  (await model.asked(question)).reply('Some **bold** words.');
  await ended(page);
  const download = async (name: string) => {
    await page.getByTitle('Chat options').click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  };
  const markdown = await download('Export as Markdown');
  expect(markdown.name).toMatch(/^export-\w+\.md$/);
  expect(markdown.text).toContain(`## You\n\n${question}\n\n## Answer by local/scripted\n\nSome **bold** words.`);
  const json = await download('Export as JSON');
  expect(json.name).toMatch(/^export-\w+\.json$/);
  expect(JSON.parse(json.text)).toMatchObject({ title: question, messages: [{ role: 'user' }, { role: 'assistant' }] });
});

test('all chats can be exported, and can be deleted after a confirmation', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('all');
  await startElsewhere(page, question);
  const answer = await model.asked(question);
  answer.write('Still running');
  await open(page, '/settings');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export all chats as JSON' }).click(),
  ]);
  expect(JSON.parse(await readFile(await file.path(), 'utf8'))).toMatchObject([{ title: question }]);

  await page.getByRole('button', { name: 'Delete all chats' }).click();
  await expect(page).toHaveURL('/settings');
  await expect(chatRow(page, question)).toBeVisible();
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete all chats' }).click();
  await expect(page).toHaveURL('/');
  await expect(sidebar(page)).toContainText('Your chats will be here.');
  await expect.poll(() => answer.isAborted).toBe(true);
  await nothingRuns(page);
});

test('the theme follows the system, until the person chooses one, which stays over a reload', async ({ page }) => {
  await open(page);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(background).not.toBe(light);
  const dark = await background();
  await open(page, '/settings');
  await page.getByRole('button', { name: 'Light' }).click();
  await expect.poll(background).toBe(light);
  // The server renders the theme, so nothing flashes.
  await expect.poll(async () => (await page.context().cookies()).some(({ name }) => name === 'theme')).toBe(true);
  const html = await (await page.request.get('/')).text();
  expect(html).toMatch(/<html[^>]*data-theme="light"/);
  await open(page, '/settings');
  await expect.poll(background).toBe(light);
  await page.getByRole('button', { name: 'System' }).click();
  await expect.poll(background).toBe(dark);
});

test('the shortcut ? lists the shortcuts, but not in a text field, and Ctrl+K leads to the search @phone', async ({
  page,
}) => {
  await open(page);
  await page.locator('#main').focus();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list).toBeVisible();
  await expect(list.getByText('Stop the answer')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await page.keyboard.press('Control+k');
  await expect(sidebar(page).getByRole('searchbox')).toBeFocused();
  await page.keyboard.press('?');
  await expect(list).toBeHidden();
  await expect(sidebar(page).getByRole('searchbox')).toHaveValue('?');
});
