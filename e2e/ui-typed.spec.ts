import type { Page } from '@playwright/test';
import {
  answerText,
  ask,
  composer,
  ended,
  hydrated,
  open,
  questions,
  send,
  showSidebar,
  sidebar,
  uniqueQuestion,
} from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

async function reload(page: Page): Promise<void> {
  await page.reload();
  await hydrated(page);
}

test('a text that is too long is not pasted, and if a proxy refuses a message as too long, the page says so @phone', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.evaluate(() => navigator.clipboard.writeText('A line of a log.\n'.repeat(90_000)));
  await composer(page).fill('What is wrong here? ');
  await composer(page).press('ControlOrMeta+v');
  const alert = page.getByRole('alert');
  await expect(alert).toHaveText('Nothing was pasted: the message would be too long (1.6 MB; at most 1 MB).');
  await expect(composer(page)).toHaveValue('What is wrong here? ');
  await page.screenshot({ path: test.info().outputPath('too-long.png') });

  // A proxy may have a lower limit for the size of a message than the app.
  await page.route('**/api/stream/start', (route) => route.fulfill({ status: 413, body: '<h1>413</h1>' }));
  await composer(page).press('End');
  await composer(page).pressSequentially('Tell me.');
  await expect(alert).toHaveCount(0);
  await send(page);
  await expect(alert).toHaveText('This is too long to send.');
  await expect(composer(page)).toHaveValue('What is wrong here? Tell me.');
});

test('Esc in the search or in the list of models does not stop the answer, and Esc in the message field does', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('escape');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('It begins');
  await expect(answerText(page)).toHaveText('It begins');
  const search = page.getByRole('searchbox');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(search).toBeFocused();
  await page.keyboard.type('boat');
  await page.keyboard.press('Escape');
  await expect(search).toHaveValue('');
  await expect(search).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(composer(page)).toBeFocused();
  await page.getByRole('combobox', { name: 'Model' }).focus();
  await page.keyboard.press('Escape');
  answer.write(' and goes on');
  await expect(answerText(page)).toHaveText('It begins and goes on');
  await composer(page).press('Escape');
  await expect(page.getByText('Stopped.', { exact: true })).toBeVisible();
});

test('the edit of a question is still open after a reload, with its text, until it is cancelled or sent @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('edit');
  await ask(page, question);
  (await model.asked(question)).reply('Yes.');
  await ended(page);
  const edit = page.getByLabel('The question, edited');
  await page.getByTitle('Edit the question').click();
  await edit.fill('half an edit');
  await reload(page);
  await expect(edit).toHaveValue('half an edit');
  await expect(edit).not.toBeFocused();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(edit).toBeHidden();
  await reload(page);
  await expect(edit).toBeHidden();
  await page.getByTitle('Edit the question').click();
  await expect(edit).toHaveValue(question);

  const edited = uniqueQuestion('edited');
  await edit.fill(edited);
  await reload(page);
  await questions(page).getByRole('button', { name: 'Send' }).click();
  (await model.asked(edited)).reply('To the edit.');
  await expect(answerText(page)).toHaveText('To the edit.');
  await reload(page);
  await expect(page.getByTitle('Edit the question')).toBeVisible();
  await expect(edit).toBeHidden();
});

test('the edit of a queued message is still open after a reload, with its text @phone', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('queue');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('It begins');
  await expect(answerText(page)).toHaveText('It begins');
  await composer(page).fill('It waits');
  await send(page);
  const turn = page.locator('.turn.queued');
  await expect(turn.getByRole('button', { name: 'Remove' })).toBeEnabled();
  await turn.locator('summary').click();
  await turn.getByRole('textbox').fill('half an edit');
  await page.reload({ waitUntil: 'commit' });
  await hydrated(page);
  await expect(turn.getByRole('textbox')).toHaveValue('half an edit');
  await turn.getByRole('button', { name: 'Cancel' }).click();
  await expect(turn.getByRole('textbox')).toBeHidden();
  await turn.getByRole('button', { name: 'Remove' }).click();
  await expect(turn).toHaveCount(0);
  answer.end();
  await ended(page);
});

test('the blanks of a template and the instructions of a new chat are there again after a reload and after Back, until they are sent @phone', async ({
  page,
  model,
  isMobile,
}) => {
  await open(page);
  const fold = page.locator('summary', { hasText: 'Custom instructions for this chat' });
  const instructions = page.getByRole('textbox', { name: 'Custom instructions for this chat' });
  await fold.click();
  await instructions.fill('Answer in rhymes.');
  const openReview = async () => {
    await page.getByRole('listbox').getByRole('option').click();
    await expect(page.getByLabel('The text or code')).toBeVisible();
  };
  await composer(page).pressSequentially('/rev');
  await openReview();
  const text = uniqueQuestion('blank');
  await page.getByLabel('The text or code').fill(text);
  await reload(page);
  await expect(instructions).toBeVisible();
  await expect(instructions).toHaveValue('Answer in rhymes.');
  await expect(page.getByLabel('The text or code')).toHaveValue(text);
  if (isMobile) await expect(page.locator(':focus')).toHaveCount(0);
  else await expect(page.getByLabel('Pay attention to')).toBeFocused();
  await showSidebar(page);
  await sidebar(page).getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel('The text or code')).toHaveValue(text);
  await expect(page.locator('mark', { hasText: text })).toBeVisible();
  await page.locator('#composer .primary').click();
  await expect(page).toHaveURL(/\/chat\//);
  await expect(questions(page)).toContainText(text);
  (await model.asked((await questions(page).locator('.bubble').textContent())!)).reply('Fine.');
  await ended(page);

  await open(page);
  await expect(composer(page)).toBeVisible();
  await expect(composer(page)).toHaveValue('');
  await expect(instructions).toBeHidden();
  await fold.click();
  await expect(instructions).toHaveValue('');
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => /draft|blanks|instr/.test(key)))).toEqual(
    [],
  );
});

test('the fields of the template editor outlive a reload, until Save or Cancel @phone', async ({ page }) => {
  await open(page, '/templates/new');
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Half');
  await page.getByLabel('Question').fill('Say {{word}}.');
  await page.getByRole('group', { name: '{{word}}' }).getByLabel('Label').fill('Which word');
  await reload(page);
  await expect(name).toHaveValue('Half');
  await expect(page.getByRole('group', { name: '{{word}}' }).getByLabel('Label')).toHaveValue('Which word');
  await page.getByLabel('Command').fill('half');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Half' })).toBeVisible();

  await open(page, '/templates/new');
  await expect(name).toHaveValue('');
  await name.fill('Another');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page).toHaveURL('/templates');
  await open(page, '/templates/new');
  await expect(name).toHaveValue('');
});

test('two tabs of a chat keep their own drafts, and a new tab begins with the latest draft', async ({
  page,
  context,
}) => {
  await open(page);
  await composer(page).fill('in the first tab');
  const second = await context.newPage();
  await open(second);
  await expect(composer(second)).toHaveValue('in the first tab');
  await composer(second).fill('in the second tab');
  await reload(page);
  await expect(composer(page)).toHaveValue('in the first tab');
  await reload(second);
  await expect(composer(second)).toHaveValue('in the second tab');
});

test('the search keeps the focus when a new chat gets its address', async ({ page, model }) => {
  await open(page);
  let release = () => {};
  const isHeld = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/stream/start', async (route) => {
    await isHeld;
    await route.continue();
  });
  const question = uniqueQuestion('search');
  await composer(page).fill(question);
  await send(page);
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('searchbox')).toBeFocused();
  release();
  await expect(page).toHaveURL(/\/chat\//);
  (await model.asked(question)).reply('Yes.');
  await ended(page);
  await expect(page.getByRole('searchbox')).toBeFocused();
});
