import type { Page } from '@playwright/test';
import { composer, hydrated, questions, send, uniqueQuestion } from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

const model = (page: Page) => page.getByRole('combobox', { name: 'Model' });

/** Opens a page whose scripts do not arrive before `letScriptsIn` is called. */
async function openWithoutScripts(page: Page, path: string): Promise<{ letScriptsIn: () => Promise<void> }> {
  let letIn = () => {};
  const allowed = new Promise<void>((resolve) => (letIn = resolve));
  await page.route(/\/assets\/.*\.js/, async (route) => {
    await allowed;
    await route.continue();
  });
  await page.goto(path, { waitUntil: 'commit' });
  await expect(page.locator('#main')).toBeVisible();
  return {
    letScriptsIn: async () => {
      letIn();
      await hydrated(page);
    },
  };
}

/** Two values of the model list: the selected one (`shown`), and another one. */
async function twoModels(page: Page): Promise<{ shown: string; other: string }> {
  const shown = await model(page).inputValue();
  const values = await model(page)
    .locator('option')
    .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
  return { shown, other: values.find((value) => value !== shown)! };
}

test('a model, a question and instructions that were entered before the scripts ran are kept and sent @phone', async ({
  page,
}) => {
  const { letScriptsIn } = await openWithoutScripts(page, '/');
  const { shown, other } = await twoModels(page);
  expect(other).toBeTruthy();
  await model(page).selectOption(other);
  await page.getByText('Custom instructions for this chat').click();
  await page.getByRole('textbox', { name: 'Custom instructions' }).fill('Answer briefly.');
  const question = uniqueQuestion('early');
  await composer(page).fill(question);
  await letScriptsIn();
  await expect(page.getByRole('textbox', { name: 'Custom instructions' })).toHaveValue('Answer briefly.');
  await expect(composer(page)).toHaveValue(question);
  await expect(model(page)).toHaveValue(other);

  const start = page.waitForRequest('**/api/stream/start');
  await send(page);
  expect((await start).postDataJSON()).toMatchObject({ modelId: other, instructions: 'Answer briefly.' });
  await expect(questions(page)).toContainText(question);

  // The chosen model is remembered: the server renders the next page with this model selected.
  await openWithoutScripts(page, '/');
  await expect(model(page)).toHaveValue(other);
  expect(other).not.toBe(shown);
});

test('a search that was typed before the scripts ran is carried out', async ({ page }) => {
  const { letScriptsIn } = await openWithoutScripts(page, '/');
  await page.getByRole('searchbox').fill('nowhere to be found');
  await letScriptsIn();
  await expect(page.getByText('No chats found')).toBeVisible();
  await expect(page.getByRole('searchbox')).toHaveValue('nowhere to be found');
});

test('a template that was edited before the scripts ran keeps the edits, and an added blank like {{early}} gets its fields', async ({
  page,
}) => {
  const { letScriptsIn } = await openWithoutScripts(page, '/templates/new?from=review');
  const message = page.getByRole('textbox', { name: 'Question', exact: true });
  const before = await message.inputValue();
  expect(before).not.toBe('');
  await message.fill(`${before} {{early}}`);
  await page.getByRole('checkbox', { name: 'Required' }).first().uncheck();
  await letScriptsIn();
  await expect(message).toHaveValue(`${before} {{early}}`);
  await expect(page.getByRole('checkbox', { name: 'Required' }).first()).not.toBeChecked();
  await expect(page.getByRole('group', { name: '{{early}}' })).toBeVisible();
});
