import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './ui/test.ts';
import {
  answers,
  chatIdOf,
  chatRow,
  composer,
  lastAnswer,
  questions,
  sendForm,
  showSidebar,
  sidebar,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { RICH_ANSWER } from './ui/sample-answers.ts';

test.use({ javaScriptEnabled: false });

const frame = (page: Page) => page.frameLocator('iframe.live-frame');
const liveText = (page: Page) => frame(page).locator('.live-text:visible');

/** Does not wait for the iframe, which keeps loading while the answer is being written. */
const visit = (page: Page, path = '/') => page.goto(path, { waitUntil: 'commit' });

test('the answer appears while it is written, also after a reload, and each finished block is rendered as Markdown @phone', async ({
  page,
  model,
}) => {
  await visit(page);
  const question = uniqueQuestion('no script');
  await sendForm(page, question);
  await expect(page).toHaveURL(/\/chat\/[\w-]+#latest$/);
  await expect(frame(page).locator('main')).toBeVisible();
  const answer = await model.asked(question);
  for (const count of [5, 10, 15]) {
    answer.write(`${words(5, count - 5)} `);
    await expect(liveText(page)).toHaveText(words(count));
  }

  await page.reload({ waitUntil: 'commit' });
  await expect(liveText(page)).toHaveText(words(15));
  answer.write(`\n\n${RICH_ANSWER}`);
  // Finished blocks are rendered as Markdown. The last block is not finished, so it is still plain text.
  await expect(frame(page).getByRole('heading', { name: 'Retrying' })).toBeVisible();
  await expect(frame(page).getByRole('cell', { name: 'with it' })).toBeVisible();
  await expect(liveText(page)).toHaveText('That is *all* of it.');
  await composer(page).fill('typed meanwhile');
  answer.end();
  await expect(frame(page).getByText('That is all of it.').and(frame(page).locator(':visible'))).toHaveCount(1);
  await expect(liveText(page)).toBeHidden();
  for (const text of ['**bold**', 'word14', 'first']) {
    const shown = frame(page).getByText(text).and(frame(page).locator(':visible'));
    await expect(shown, text).toHaveCount(text.includes('*') ? 0 : 1);
  }
  await expect(composer(page)).toHaveValue('typed meanwhile');

  await frame(page).getByRole('link', { name: 'Go on with the chat' }).click();
  await expect(page.locator('iframe')).toHaveCount(0);
  await expect(lastAnswer(page).getByRole('heading', { name: 'Retrying' })).toBeVisible();
  await expect(lastAnswer(page).locator('pre')).toContainText('Math.pow(2, attempt)');
});

test('a list is shown item by item while it is written, with its numbers and its nested lists @phone', async ({
  page,
  model,
}) => {
  await visit(page);
  const question = uniqueQuestion('no script list');
  await sendForm(page, question);
  const answer = await model.asked(question);
  const items = frame(page).locator('.answer li:visible > p:visible');
  answer.write(
    'Do it like this:\n\n3. **Wash** the rice until the water stays clear, which takes about a minute\n4. **Bo',
  );
  await expect(items).toHaveText(['Wash the rice until the water stays clear, which takes about a minute', '**Bo']);
  answer.write(
    'il** it:\n   - slowly\n   - with *a little salt*, in twice as much water as there is rice in the pot\n5. **Wa',
  );
  await expect(items).toHaveText([/^Wash/, 'Boil it:', 'slowly', /^with a little salt/, '**Wa']);
  await expect(frame(page).locator('ol:visible')).toHaveAttribute('start', '3');
  const before = await distances(page);
  await page.screenshot({ path: test.info().outputPath('list.png') });
  answer.write('it** for ten minutes.\n\nThen *ea');
  await expect(items).toHaveText([/^Wash/, /^Boil/, 'slowly', /^with/, 'Wait for ten minutes.']);
  await expect(liveText(page)).toHaveText('Then *ea');
  answer.write('t*.');
  answer.end();
  await expect(frame(page).getByText('Then eat.').and(frame(page).locator(':visible'))).toHaveCount(1);
  const after = await distances(page);
  expect(after.map((distance, at) => Math.abs(distance - before[at]!) < 1.5)).toEqual([true, true, true]);
});

test('the stop button works as a form, the written text stays, and Continue goes on after that text @phone', async ({
  page,
  model,
}) => {
  await visit(page);
  const question = uniqueQuestion('no script stop');
  await sendForm(page, question);
  const answer = await model.asked(question);
  answer.write(words(30));
  await expect(liveText(page)).toHaveText(words(30));
  // Only the iframe reloads, so text in the field stays.
  await composer(page).fill('typed before the stop');
  await frame(page).getByRole('button', { name: 'Stop' }).click({ noWaitAfter: true });
  await expect(frame(page).getByText('Stopped.').first()).toBeVisible();
  await expect(frame(page).getByRole('button', { name: 'Stop' })).toBeHidden();
  await expect(composer(page)).toHaveValue('typed before the stop');
  await frame(page).getByRole('link', { name: 'Go on with the chat' }).click();
  await expect(lastAnswer(page).getByText('Stopped.').first()).toBeVisible();
  await expect(lastAnswer(page).locator('.answer')).toHaveText(words(30));
  await expect.poll(() => answer.isAborted).toBe(true);

  await page.getByRole('button', { name: 'Continue' }).click({ noWaitAfter: true });
  const more = await model.asked(question);
  more.write(` ${words(10, 30)}`);
  await expect(frame(page).locator('.answer')).toHaveText(words(40));
  await frame(page).getByRole('button', { name: 'Stop' }).click({ noWaitAfter: true });
  await frame(page).getByRole('link', { name: 'Go on with the chat' }).click();
  await expect(lastAnswer(page).getByText('Stopped.').first()).toBeVisible();
  await expect(lastAnswer(page).locator('.answer')).toHaveText(words(40));
});

test('regenerating, versions, edits and examples work as forms and links', async ({ page, model }) => {
  await visit(page);
  const example = page.getByRole('button', { name: /houseplant/ });
  const prompt = (await example.textContent())!;
  await example.click({ noWaitAfter: true });
  const first = await model.asked(prompt);
  first.write('Answer one.');
  await expect(frame(page).getByText('Answer one.').last()).toBeVisible();
  first.end();
  const again = page.getByRole('button', { name: 'Regenerate' });
  await reloadUntil(page, again);

  await again.click({ noWaitAfter: true });
  const second = await model.asked(prompt);
  second.write('Answer two.');
  await expect(frame(page).getByText('Answer two.').last()).toBeVisible();
  second.end();
  await reloadUntil(page, page.getByLabel('Version 2 of 2'));
  await page.getByRole('link', { name: 'Older version' }).click();
  await expect(answers(page)).toHaveText([/Answer one\./]);

  await page.getByTitle('Edit the question').click();
  const edited = uniqueQuestion('edited');
  await page.getByLabel('The question, edited').fill(edited);
  await questions(page).getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
  const third = await model.asked(edited);
  third.write('Another branch.');
  await expect(frame(page).getByText('Another branch.').last()).toBeVisible();
  third.end();
  await reloadUntil(page, questions(page).getByLabel('Version 2 of 2'));
  await expect(questions(page)).toHaveText([new RegExp(edited)]);
});

test('a question that is asked under an older version waits while another version is written', async ({
  page,
  model,
}) => {
  const [first, under] = ['first', 'under'].map(uniqueQuestion) as [string, string];
  await visit(page);
  await sendForm(page, first);
  (await model.asked(first)).reply('Old answer.');
  await expect(frame(page).getByRole('link', { name: 'Go on with the chat' })).toBeVisible();
  await frame(page).getByRole('link', { name: 'Go on with the chat' }).click();
  await page.getByRole('button', { name: 'Regenerate' }).click();
  const again = await model.asked(first);
  again.write('New');
  await expect(liveText(page)).toHaveText('New');
  await page.getByRole('link', { name: 'Older version' }).click();
  await expect(lastAnswer(page)).toContainText('Old answer.');
  await expect(page.getByRole('button', { name: 'Send after this answer' })).toBeVisible();
  await sendForm(page, under);
  await expect(page.locator('.turn.queued')).toContainText(under);
  again.end();
  (await model.asked(under)).reply('Under the old answer.');
});

test('the list of chats, search, rename, instructions, export, pin, archive and delete work without a script @phone', async ({
  page,
  model,
}) => {
  const titles = [uniqueQuestion('Gardens'), uniqueQuestion('Bridges')] as const;
  for (const title of titles) {
    await visit(page);
    await sendForm(page, title);
    (await model.asked(title)).reply('Yes.');
    await expect(frame(page).getByText('Yes.').last()).toBeVisible();
  }
  await page.reload();
  await showSidebar(page);
  await expect(page.locator('.chat-row')).toHaveText([...titles].reverse());
  await sidebar(page).getByRole('searchbox').fill('gard');
  await sidebar(page).getByRole('searchbox').press('Enter');
  await expect(page).toHaveURL(/\/search\?q=gard/);
  await expect(page.locator('#main').getByRole('listitem')).toHaveText([new RegExp(titles[0])]);

  await showSidebar(page);
  await chatRow(page, titles[0])
    .getByRole('link', { name: /^Options for/ })
    .click();
  await page.getByLabel('Title').fill('Parks');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Parks');
  await expect(answers(page)).toHaveText([/Yes\./]);

  await page.getByTitle('Chat options').click();
  await page.getByRole('link', { name: 'Custom instructions' }).click();
  await page.getByLabel(/^Custom instructions/).fill('Be brief.');
  await page.getByRole('button', { name: 'Save' }).click();
  await sendForm(page, 'and now?');
  const answer = await model.asked('and now?');
  expect(answer.messages[0]).toEqual({ role: 'system', content: 'Be brief.' });
  answer.reply('Done.');
  await expect(frame(page).getByText('Done.').last()).toBeVisible();

  await visit(page, `/chat/${chatIdOf(page)}/manage`);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export as Markdown' }).click({ noWaitAfter: true }),
  ]);
  expect(await readFile(await file.path(), 'utf8')).toContain('# Parks');
  await page.locator('#main').getByRole('link', { name: 'Share' }).click();
  await expect(page).toHaveURL(/\/chat\/[^/]+\/share$/);
  await visit(page, `/chat/${chatIdOf(page)}/manage`);
  // The chat is pinned, then archived, then brought back from the archive.
  await page.locator('#main').getByRole('button', { name: 'Pin', exact: true }).click();
  await showSidebar(page);
  await expect(sidebar(page).getByRole('region', { name: 'Pinned' }).getByRole('listitem')).toHaveText(['Parks']);
  await visit(page, `/chat/${chatIdOf(page)}/manage`);
  await page.locator('#main').getByRole('button', { name: 'Archive', exact: true }).click();
  await visit(page, '/archive');
  await expect(page.locator('.chat-row')).toHaveText([titles[1]]);
  await page.getByRole('button', { name: 'Unarchive: Parks' }).click();
  await expect(page.getByText('No archived chats.')).toBeVisible();

  // A search for a word of an answer leads to that answer.
  await visit(page, '/search?q=done');
  await page.locator('#main').getByRole('link', { name: 'Parks' }).click();
  await expect(page).toHaveURL(/\?leaf=.*#m-/);
  await expect(page.locator('.turn:target')).toContainText('Done.');

  await visit(page, `/chat/${chatIdOf(page)}/manage`);
  await page.locator('#main').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('heading', { name: 'Delete “Parks”?' })).toBeVisible();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page.locator('.chat-row')).toHaveText([titles[1]]);
});

test('a temporary chat works without a script and appears in no list @phone', async ({ page, model }) => {
  await visit(page, '/?temporary=1');
  await expect(page.getByText('Temporary chat: it is in no list')).toBeVisible();
  for (const question of [uniqueQuestion('Secret'), uniqueQuestion('Another secret')]) {
    await sendForm(page, question);
    (await model.asked(question)).reply('Nobody knows.');
    await expect(frame(page).getByText('Nobody knows.').last()).toBeVisible();
  }
  await page.reload();
  await expect(answers(page)).toHaveText([/Nobody knows\./, /Nobody knows\./]);
  await expect(page.locator('.page-header').getByText('Temporary')).toBeVisible();
  await expect(page.locator('.chat-row')).toHaveCount(0);
  await visit(page, '/search?q=secret');
  await expect(page.getByText('No chats found')).toBeVisible();
});

test('without a script, the theme can be chosen, and all chats can be deleted, which stops a running answer', async ({
  page,
  model,
}) => {
  await visit(page);
  const question = uniqueQuestion('no script all');
  await sendForm(page, question);
  const answer = await model.asked(question);
  answer.write('Running');
  await visit(page, '/settings');
  await page.locator('#main').getByRole('button', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete all chats' }).click();
  await expect(page).toHaveURL('/');
  await expect(page.locator('.chat-row')).toHaveCount(0);
  await expect.poll(() => answer.isAborted).toBe(true);
});

test('no page is blank, and copying, which needs JavaScript, is not offered @phone', async ({ page, model }) => {
  await visit(page);
  const question = uniqueQuestion('no script pages');
  await sendForm(page, question);
  (await model.asked(question)).reply('Yes.');
  await expect(frame(page).getByText('Yes.').last()).toBeVisible();
  const chat = `/chat/${chatIdOf(page)}`;
  for (const [path, heading] of [
    ['/', 'What is on your mind?'],
    [chat, question],
    [`${chat}/manage`, question],
    ['/settings', 'Settings'],
    ['/chat/unknown', 'Chat not found'],
    ['/no/such/page', 'Page not found'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
    await expect(page.getByRole('button', { name: /^Copy/ })).toHaveCount(0);
  }
});

/** The distance from the top of the first item of the numbered list to the top of each item, in pixels. */
const distances = (page: Page): Promise<number[]> =>
  frame(page)
    .locator('ol:visible > li:visible')
    .evaluateAll((items) => {
      const tops = items.map((item) => item.getBoundingClientRect().top);
      return tops.map((top) => top - tops[0]!);
    });

/** Reloads the page until `shown` is visible. Without JavaScript, a page changes only when it is loaded again. */
async function reloadUntil(page: Page, shown: Locator): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(shown).toBeVisible({ timeout: 1000 });
  }).toPass();
}
