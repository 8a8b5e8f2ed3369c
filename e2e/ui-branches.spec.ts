import {
  answerText,
  ask,
  chatIdOf,
  chatRow,
  composer,
  ended,
  lastAnswer,
  nothingRuns,
  open,
  questions,
  send,
  sendForm,
  showSidebar,
  startElsewhere,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';
import { picture } from './ui/picture.ts';
import { expect, test } from './ui/test.ts';

test('a branch from the middle of an answer is continued, and both chats link to each other @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('branches');
  await ask(page, question);
  const first = await model.asked(question);
  first.write(words(30));
  await expect(answerText(page)).toHaveText(words(30));
  const origin = chatIdOf(page);
  await lastAnswer(page).getByRole('button', { name: 'Branch from here' }).click();
  await expect(page).not.toHaveURL(new RegExp(origin));
  await expect(page).toHaveURL(/\/chat\//);
  await expect(answerText(page)).toHaveText(words(30));
  await expect(lastAnswer(page)).toContainText('This branch begins here');
  const from = page.getByRole('link', { name: `Branched from “${question}”` });
  await expect(from).toBeVisible();
  await expectNothingSerious(page);
  await picture(page, 'branch');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectNothingSerious(page);
  await picture(page, 'branch-dark');

  // The branch continues with a different end than the original answer, which is still being written.
  await page.getByRole('button', { name: 'Continue' }).click();
  const second = await model.asked(question);
  second.reply(' and another end.');
  first.reply(' and its own end.');
  await ended(page);
  await expect(answerText(page)).toHaveText(`${words(30)} and another end.`);

  await from.click();
  await expect(page).toHaveURL(new RegExp(`/chat/${origin}\\?leaf=.*#m-`));
  await ended(page);
  await expect(answerText(page)).toHaveText(`${words(30)} and its own end.`);
  const chip = page.locator('.forks');
  await chip.locator('summary').click();
  await expectNothingSerious(page);
  await picture(page, 'origin-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await chip.getByRole('link').click();
  await expect(page).not.toHaveURL(new RegExp(origin));
  await expect(answerText(page)).toHaveText(`${words(30)} and another end.`);
  await showSidebar(page);
  await expect(chatRow(page, question)).toHaveCount(2);
  await expect(chatRow(page, question).filter({ hasText: 'Branch of another chat' })).toHaveCount(1);
  await picture(page, 'sidebar');
});

test('if another device has continued the chat, a question can be sent as a version of that device’s question, or at the end', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('stale');
  await ask(page, question);
  (await model.asked(question)).reply('One.');
  await ended(page);
  for (const [place, count] of [
    ['Send here as a version', 2],
    ['Send at the end', 3],
  ] as const) {
    const other = uniqueQuestion('elsewhere');
    // The page's requests for data fail, so that the page does not learn of the other device's question before it sends its own.
    const data = /\.data(\?|$)/;
    await page.route(data, (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
    await startElsewhere(page, other, { chatId: chatIdOf(page) });
    (await model.asked(other)).reply('Two.');
    await nothingRuns(page);
    const late = uniqueQuestion('late');
    await composer(page).fill(late);
    await send(page);
    await expect(page.getByRole('alert')).toContainText('Another question was sent here meanwhile');
    await expect(composer(page)).toHaveValue(late);
    await page.unroute(data);
    await page.getByRole('button', { name: place }).click();
    (await model.asked(late)).reply('Three.');
    await expect(questions(page).last()).toContainText(late);
    // The next round starts another answer in this chat. That start would be refused while the current answer is being written.
    await nothingRuns(page);
    await expect(answerText(page)).toHaveText('Three.');
    await ended(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect(questions(page)).toHaveCount(count + (place === 'Send at the end' ? 1 : 0));
  }
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a branch is made by a form, also in the middle of an answer, and plain links lead from chat to chat @phone', async ({
    page,
    model,
  }) => {
    await page.goto('/', { waitUntil: 'commit' });
    const question = uniqueQuestion('forms');
    await sendForm(page, question);
    const answer = await model.asked(question);
    answer.write(words(20));
    await expect(page.frameLocator('iframe.live-frame').locator('.live-text:visible')).toHaveText(words(20));
    const origin = chatIdOf(page);
    await lastAnswer(page).getByRole('button', { name: 'Branch from here' }).click({ noWaitAfter: true });
    await expect(page.getByRole('link', { name: `Branched from “${question}”` })).toBeVisible();
    await expect(answerText(page)).toHaveText(words(20));
    await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
    await picture(page, 'no-script');
    answer.reply(' and its end.');

    // Makes a second branch, from the question of the first branch. The links “Branched from” lead from the second branch to this
    // question, and from the first branch to the original chat.
    await questions(page).getByRole('button', { name: 'Branch from here' }).click();
    await expect(page.locator('.turn')).toHaveCount(1);
    await page.getByRole('link', { name: 'Branched from' }).click();
    await expect(page.locator('.turn.question:target')).toContainText(question);
    await page.getByRole('link', { name: 'Branched from' }).click();
    await expect(page).toHaveURL(new RegExp(`/chat/${origin}\\?`));
    await expect(page.locator('.forks')).toHaveCount(1);
    await page.locator('.forks summary').click();
    await page.locator('.forks').getByRole('link').click();
    await expect(answerText(page)).toHaveText(words(20));
  });
});
