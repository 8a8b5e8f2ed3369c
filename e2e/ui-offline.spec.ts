import type { Page } from '@playwright/test';
import {
  answerText,
  ask,
  chatIdOf,
  chatRow,
  composer,
  connectionLine,
  ended,
  lastAnswer,
  nothingRuns,
  open,
  questions,
  send,
  showSidebar,
  sidebar,
  startElsewhere,
  uniqueQuestion,
} from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

test('offline, the page stays; opening a chat, sending and stopping take effect when the network is back @phone', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const other = uniqueQuestion('other chat');
  await startElsewhere(page, other);
  (await model.asked(other)).reply('From the other chat.');
  const question = uniqueQuestion('this chat');
  await ask(page, question);
  (await model.asked(question)).reply('To be read on.');
  await ended(page);
  // The line is empty while the connection works.
  await expect(connectionLine(page)).toHaveText('');

  await context.setOffline(true);
  await expect(connectionLine(page)).toHaveText('You’re offline.');
  await showSidebar(page);
  await chatRow(page, other).getByRole('link').first().click();
  // On a phone, the click also closes the list of chats, so that this notice is visible.
  const waits = page.getByText('You’re offline. This page opens when you’re back.');
  await expect(waits).toBeVisible();
  await expect(answerText(page)).toHaveText('To be read on.');
  await expect(page.getByText(/Error \d/)).toHaveCount(0);
  await context.setOffline(false);
  await expect(answerText(page)).toHaveText('From the other chat.');
  await expect(waits).toBeHidden();
  await expect(connectionLine(page)).toHaveText('');

  await context.setOffline(true);
  const offline = uniqueQuestion('offline');
  await composer(page).fill(offline);
  await send(page);
  await expect(connectionLine(page)).toHaveText('You’re offline. Your message will be sent when you’re back.');
  await expect(questions(page).last()).toContainText(offline);
  await context.setOffline(false);
  const answer = await model.asked(offline);
  await expect(connectionLine(page)).toHaveText('');
  answer.write('It begins');
  await expect(answerText(page)).toHaveText('It begins');

  await context.setOffline(true);
  await expect(connectionLine(page)).toHaveText(/^You’re offline\. The answer continues/);
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(connectionLine(page)).toHaveText('Will stop when back online.');
  await context.setOffline(false);
  await expect(lastAnswer(page).getByText('Stopped.').first()).toBeVisible();
  await expect.poll(() => answer.isAborted).toBe(true);
  await expect(connectionLine(page)).toHaveText('');
  await expect(answerText(page)).toHaveText('It begins');
  await expect(sidebar(page).getByText('Error')).toHaveCount(0);
});

async function removeOpenChat(page: Page): Promise<void> {
  await page.getByTitle('Chat options').click();
  await page.locator('#main').getByRole('link', { name: 'Delete', exact: true }).click();
}

test('offline, the page says that a chat is not deleted, also while another deletion can be undone', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const undo = page.getByRole('button', { name: 'Undo' });
  const answeredChat = async (name: string) => {
    const question = uniqueQuestion(name);
    await ask(page, question);
    (await model.asked(question)).reply('Yes.');
    await ended(page);
  };
  await answeredChat('deleted');
  await removeOpenChat(page);
  await expect(undo).toBeVisible();
  await answeredChat('kept');
  await context.setOffline(true);
  await removeOpenChat(page);
  await expect(page.getByText('You can delete the chat when you’re back.')).toBeVisible();
  await context.setOffline(false);
  await expect(undo).toBeVisible();
});

test('offline, a chat is not deleted, and the page says so; if the server is away, a deletion that fails leaves the page as it is @phone', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('kept');
  await ask(page, question);
  (await model.asked(question)).reply('To be kept.');
  await ended(page);
  const url = page.url();
  await context.setOffline(true);
  await removeOpenChat(page);
  const refusal = page.getByText('You can delete the chat when you’re back.');
  await expect(refusal).toBeVisible();
  await context.setOffline(false);
  await expect(refusal).toBeHidden();

  await context.route(/_data=|\.data|\/api\/chats\//, (route) => route.abort());
  await removeOpenChat(page);
  const waits = page.locator('.outage p');
  await expect(waits).toBeVisible();
  const [notice, undo] = [await waits.boundingBox(), await page.locator('.toast').boundingBox()];
  expect(notice!.y + notice!.height).toBeLessThanOrEqual(undo!.y);
  await expect(page.getByText('The chat could not be deleted.')).toBeVisible({ timeout: 20_000 });
  await context.unrouteAll();
  await expect(waits).toBeHidden();
  await expect(page).toHaveURL(url);
  await expect(answerText(page)).toHaveText('To be kept.');
  await showSidebar(page);
  await expect(chatRow(page, question)).toBeVisible();
});

test('offline, a chat that was read in this tab opens, also with the Back button; once online, the chat shows what is new @phone', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const [here, other, unread] = ['here', 'other', 'unread'].map(uniqueQuestion) as [string, string, string];
  await startElsewhere(page, unread);
  (await model.asked(unread)).reply('Never read.');
  const otherId = await startElsewhere(page, other);
  (await model.asked(other)).reply('From the other chat.');
  await nothingRuns(page);
  // The server renders this chat, so the browser never requests the chat's data. The chat must open offline nevertheless.
  await open(page, `/chat/${otherId}`);
  await expect(answerText(page)).toHaveText('From the other chat.');
  await showSidebar(page);
  await sidebar(page).getByRole('link', { name: 'New chat' }).click();
  await expect(page).toHaveURL('/');
  await ask(page, here);
  (await model.asked(here)).reply('From this chat.');
  await ended(page);
  const address = page.url();

  await context.setOffline(true);
  await showSidebar(page);
  await chatRow(page, other).getByRole('link').first().click();
  await expect(answerText(page)).toHaveText('From the other chat.');
  await expect(page).toHaveURL(`/chat/${otherId}`);
  await expect(connectionLine(page)).toHaveText('You’re offline.');
  await expect(page.getByText('This page opens when you’re back.')).toBeHidden();
  // The list also has the chat that was begun last (`here`).
  await showSidebar(page);
  await expect(sidebar(page).locator('.chat-row .title')).toHaveText([here, other, unread]);
  await page.screenshot({ path: test.info().outputPath('kept.png') });
  await chatRow(page, unread).getByRole('link').first().click();
  await expect(page.getByText('You’re offline. This page opens when you’re back.')).toBeVisible();
  await page.goBack();
  await expect(answerText(page)).toHaveText('From this chat.');
  await expect(page).toHaveURL(address);

  const news = uniqueQuestion('news');
  await startElsewhere(page, news, { chatId: chatIdOf(page) });
  (await model.asked(news)).reply('Asked on another device.');
  await expect(answerText(page)).toHaveText('From this chat.');
  await context.setOffline(false);
  await expect(answerText(page)).toHaveText('Asked on another device.');
  await expect(connectionLine(page)).toHaveText('');
});

test('a page that is opened or reloaded while an answer is written shows no message about its connection', async ({
  page,
  model,
}) => {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(globalThis, { saidOfConnection: said });
    addEventListener('DOMContentLoaded', () => {
      const look = () => said.push(document.querySelector('[data-connection]')?.textContent ?? '');
      look();
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  });
  await open(page);
  const question = uniqueQuestion('quiet');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('It begins');
  await expect(answerText(page)).toHaveText('It begins');
  await open(page, new URL(page.url()).pathname);
  answer.write(' and goes on');
  await expect(answerText(page)).toHaveText('It begins and goes on');
  answer.reply('.');
  await ended(page);
  const said = await page.evaluate(() => (globalThis as unknown as { saidOfConnection: string[] }).saidOfConnection);
  expect([...new Set(said)]).toEqual(['']);
});

test('a message that was not sent yet can be removed while offline @phone', async ({ page, context, model }) => {
  await open(page);
  const question = uniqueQuestion('unsent');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('It begins');
  await expect(answerText(page)).toHaveText('It begins');
  await context.setOffline(true);
  await composer(page).fill('never mind');
  await send(page);
  const turn = page.locator('.turn.queued');
  await expect(turn).toContainText('Not sent yet');
  await turn.getByRole('button', { name: 'Remove' }).click();
  await expect(turn).toHaveCount(0);
  await context.setOffline(false);
  answer.end();
  await ended(page);
  await expect(questions(page)).toHaveCount(1);
});

test('the first question of a new chat is sent once online, and a page that the person chose meanwhile opens @phone', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const other = uniqueQuestion('other chat');
  await startElsewhere(page, other);
  (await model.asked(other)).reply('From the other chat.');
  // The first chat that the person opens loads the scripts of that page.
  const before = uniqueQuestion('before');
  await ask(page, before);
  (await model.asked(before)).reply('Before.');
  await ended(page);
  await showSidebar(page);
  await sidebar(page).getByRole('link', { name: 'New chat' }).click();
  await expect(page).toHaveURL('/');
  await context.setOffline(true);
  const question = uniqueQuestion('new chat');
  await composer(page).fill(question);
  await send(page);
  await expect(lastAnswer(page)).toContainText('Not sent yet');
  await showSidebar(page);
  await chatRow(page, other).getByRole('link').first().click();
  await expect(page.getByText('You’re offline. This page opens when you’re back.')).toBeVisible();
  await context.setOffline(false);
  (await model.asked(question)).reply('From the new chat.');
  await expect(answerText(page)).toHaveText('From the other chat.');
  await expect(composer(page)).toHaveValue('');
  await showSidebar(page);
  await chatRow(page, question).getByRole('link').first().click();
  await expect(answerText(page)).toHaveText('From the new chat.');
});

test('if the person leaves a new chat while its first question is unsent, a new chat begins with all typed texts @phone', async ({
  page,
  context,
}) => {
  await open(page);
  // Chromium ends the emulation when the page is left, and then a waiting request would still be sent.
  await context.route('**/api/stream/start', (route) => route.abort());
  await context.setOffline(true);
  await composer(page).fill('First');
  await send(page);
  await expect(lastAnswer(page)).toContainText('Not sent yet');
  await composer(page).fill('second');
  await page.goto('about:blank');
  await context.setOffline(false);
  await open(page);
  await expect(composer(page)).toHaveValue('First\nsecond');
});

test('offline, a page that was never opened does not replace the page that the person reads', async ({
  page,
  context,
}) => {
  await open(page);
  await page.waitForFunction(() => document.querySelector('link[rel="modulepreload"][href*="settings"]') !== null);
  await page.waitForLoadState('networkidle');
  await context.setOffline(true);
  await composer(page).fill('A draft');
  await sidebar(page).getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('You’re offline. This page opens when you’re back.')).toBeVisible();
  await expect(composer(page)).toHaveValue('A draft');
  await context.setOffline(false);
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});
