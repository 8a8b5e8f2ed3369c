import type { Page } from '@playwright/test';
import { violationsOf } from './ui/axe.ts';
import { answerText, chatIdOf, composer, ended, hydrated, open, questions } from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

test.use({ stackEnv: { OPENAI_COMPATIBLE_BASE_URL: '', OPENAI_COMPATIBLE_MODELS: '' } });

/** Makes a template with one blank, and waits for the template's page. */
async function makeTemplate(page: Page, command: string): Promise<void> {
  await page.goto('/templates/new');
  await page.getByLabel('Name', { exact: true }).fill('My greeting');
  await page.getByLabel('Command').fill(command);
  await page.getByLabel('Question').fill('Say {{word}} \\{{twice}} to me.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'My greeting' })).toBeVisible();
}

const INSTRUCTIONS = 'Answer in rhymes.';

async function typeInstructions(page: Page): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Custom instructions for this chat' });
  await page.locator('summary', { hasText: 'Custom instructions for this chat' }).click();
  await field.fill(INSTRUCTIONS);
}

/** Fills the form of the template “Review”, sends it, and waits until the question is in a chat. */
async function sendReview(page: Page, focus: string): Promise<void> {
  await page.getByLabel('Pay attention to').fill(focus);
  await page.getByLabel('The text or code').fill('Ths is it.');
  await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
  await expect(questions(page).last()).toContainText(`Pay most attention to: ${focus}.`);
  await expect(page).toHaveURL(/\/chat\//);
}

const instructionsOf = async (page: Page) =>
  ((await (await page.request.get(`/api/chats/${chatIdOf(page)}`)).json()) as { instructions: string }).instructions;

const violationsOn = async (page: Page) =>
  (await violationsOf(page)).map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);

test('with the keyboard alone, a person chooses a template after “/”, and fills and sends the form of the template @phone', async ({
  page,
}, info) => {
  await open(page);
  await composer(page).pressSequentially('/');
  const options = page.getByRole('listbox').getByRole('option');
  await expect(options).toHaveCount(3);
  await page.screenshot({ path: info.outputPath('offered.png') });
  expect(await violationsOn(page)).toEqual([]);
  await composer(page).press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await composer(page).press('Escape');
  await expect(options).toHaveCount(0);
  await composer(page).fill('');
  await composer(page).pressSequentially('/rev');
  await expect(options).toHaveCount(1);
  await composer(page).press('Enter');

  await expect(page.getByLabel('Pay attention to')).toBeFocused();
  await expect(composer(page)).toBeHidden();
  await page.screenshot({ path: info.outputPath('form.png') });
  expect(await violationsOn(page)).toEqual([]);
  // The suggested text is selected, so that the first key replaces it.
  await page.keyboard.type('{{text}} & $&');
  await expect(page.getByLabel('Pay attention to')).toHaveValue('{{text}} & $&');
  await page.getByLabel('The text or code').fill('Ths is it.');
  await expect(page.locator('mark').first()).toHaveText('{{text}} & $&');
  // Enter in a one-line field sends the template. The browser's default would be to press the first button of the form, which is
  // an example question.
  await page.getByLabel('Pay attention to').press('Enter');
  await expect(page).toHaveURL(/\/chat\//);
  await expect(questions(page)).toContainText('Pay most attention to: {{text}} & $&.');
  await expect(questions(page)).toHaveCount(1);
  await expect(answerText(page).first()).not.toBeEmpty();
  await expect(composer(page)).toHaveValue('');
  await page.reload();
  await expect(questions(page)).toContainText('Ths is it.');
});

test('a chat that begins with a template has the instructions that were typed before “/” @phone', async ({ page }) => {
  for (const where of ['in place of the field', 'on the page of the template']) {
    await open(page);
    await typeInstructions(page);
    await composer(page).pressSequentially('/rev');
    await composer(page).press('Enter');
    await expect(page.getByLabel('Pay attention to')).toBeFocused();
    if (where === 'on the page of the template') {
      await page.locator('#composer').getByRole('button', { name: 'Templates' }).click();
      await expect(page).toHaveURL(/\/templates\/review\?kept=/);
    }
    await sendReview(page, where);
    expect(await instructionsOf(page)).toBe(INSTRUCTIONS);
    await open(page);
    await expect(page.getByRole('textbox', { name: 'Custom instructions' })).toBeHidden();
  }
});

test('a template opened from the list begins a chat, and a template opened in a chat is sent to that chat @phone', async ({
  page,
}) => {
  await page.goto('/templates');
  await page.getByRole('link', { name: 'Review my work' }).click();
  await expect(page).toHaveURL('/templates/review');
  await sendReview(page, 'spelling');
  const chat = chatIdOf(page);
  await ended(page);
  await composer(page).pressSequentially('/rev');
  await composer(page).press('Enter');
  await page.locator('#composer').getByRole('link', { name: 'Templates' }).click();
  await expect(page).toHaveURL(`/templates/review?chat=${chat}`);
  await sendReview(page, 'commas');
  expect(chatIdOf(page)).toBe(chat);
  await expect(questions(page)).toHaveCount(2);
});

test('the query of a URL fills the form of a template but does not send it, and an edited template is used in its new version', async ({
  page,
}, info) => {
  await page.goto('/?template=review&focus=commas+%7B%7Bname%7D%7D');
  await expect(page).toHaveURL(/\/templates\/review\?focus=/);
  await expect(page.getByLabel('Pay attention to')).toHaveValue('commas {{name}}');
  await expect(page.getByLabel('The text or code')).toHaveValue('');
  await page.screenshot({ path: info.outputPath('filled.png') });
  expect(((await (await page.request.get('/api/chats')).json()) as { chats: unknown[] }).chats).toEqual([]);

  await makeTemplate(page, 'greet');
  await page.getByRole('link', { name: 'Edit template' }).click();
  await page.getByLabel('Question').fill('Say {{word}} {{count}} times.');
  const row = page.getByRole('group', { name: '{{count}}' });
  await row.getByLabel('Type').selectOption('number');
  await row.getByLabel('At most').fill('5');
  await page.screenshot({ path: info.outputPath('editor.png'), fullPage: true });
  expect(await violationsOn(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('link', { name: 'Edit template' })).toBeVisible();
  await page.getByLabel('word').fill('hello');
  await page.getByLabel('count').fill('3');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(questions(page)).toHaveText(/Say hello 3 times\./);

  await page.goto('/templates');
  await expect(page.getByText('/greet')).toBeVisible();
  await page.screenshot({ path: info.outputPath('list.png') });
  expect(await violationsOn(page)).toEqual([]);
});

test('the reason why a template is refused is in view, and the page says so if an imported file contains no templates @phone', async ({
  page,
}, info) => {
  await open(page, '/templates/new');
  await page.getByLabel('Name', { exact: true }).fill('Choices');
  await page.getByLabel('Command').fill('choices');
  await page.getByLabel('Question').fill('{{first}} {{second}} {{third}}');
  await page.getByRole('group', { name: '{{third}}' }).getByLabel('Type').selectOption('select');
  await page.getByRole('button', { name: 'Save' }).click();
  const reason = page.getByRole('alert');
  await expect(reason).toHaveText('{{third}}, Choices, one per line: It must have at least 1.');
  await expect(reason).toBeFocused();
  await expect(reason).toBeInViewport({ ratio: 1 });

  await open(page, '/templates');
  const file = page.getByLabel('Import templates from a file');
  const importButton = page.getByRole('button', { name: 'Import', exact: true });
  const upload = (text: string) =>
    file.setInputFiles({ name: 't.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  const [left, right] = [(await file.boundingBox())!, (await importButton.boundingBox())!];
  expect(left.x + left.width <= right.x || left.y + left.height <= right.y).toBe(true);
  await page.screenshot({ path: info.outputPath('import.png') });
  for (const text of ['{"a": 1', '[]', '{"templates": []}']) {
    await upload(text);
    await importButton.click();
    await expect(reason).toHaveText('This file contains no templates. Choose one that was exported here.');
    await page.reload();
    await hydrated(page);
  }
  await upload('x'.repeat(1024 * 1024));
  await importButton.click();
  expect(await file.evaluate((input: HTMLInputElement) => input.validationMessage)).toBe('This file is too large.');
  await expect(page.getByRole('heading', { name: 'Templates', exact: true })).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a chat has the instructions that were typed before “/”, whichever way its template was opened @phone', async ({
    page,
  }) => {
    for (const way of ['its command', 'the list', 'a new template']) {
      await page.goto('/');
      await typeInstructions(page);
      await composer(page).fill(way === 'its command' ? '/review' : '/');
      await page.getByRole('button', { name: 'Send' }).click();
      if (way === 'the list') await page.getByRole('link', { name: 'Review my work' }).click();
      if (way === 'a new template') {
        await page.getByRole('link', { name: 'New template' }).click();
        await page.getByLabel('Name', { exact: true }).fill('My review');
        await page.getByLabel('Command').fill('mine');
        await page.getByLabel('Question').fill('Pay most attention to: {{focus}}.');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('link', { name: 'Edit template' }).click();
        await page.getByRole('link', { name: 'Cancel' }).click();
        await page.getByLabel('focus').fill(way);
        await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
        await expect(questions(page)).toContainText(way);
      } else await sendReview(page, way);
      expect(await instructionsOf(page)).toBe(INSTRUCTIONS);
    }
  });

  test('a URL opens and fills a template, and a template found by “/” in a chat is sent to that chat @phone', async ({
    page,
  }) => {
    await page.goto('/?template=review&focus=commas');
    await expect(page).toHaveURL('/templates/review?focus=commas');
    await expect(page.getByLabel('Pay attention to')).toHaveValue('commas');
    expect(((await (await page.request.get('/api/chats')).json()) as { chats: unknown[] }).chats).toEqual([]);
    await sendReview(page, 'spelling');
    const chat = chatIdOf(page);
    await composer(page).fill('/');
    await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
    await expect(page).toHaveURL(`/templates?chat=${chat}`);
    await page.getByRole('link', { name: 'Review my work' }).click();
    await sendReview(page, 'commas');
    expect(chatIdOf(page)).toBe(chat);
    await expect(questions(page)).toHaveCount(2);
  });

  test('a template is made, found by its command, filled, previewed and sent @phone', async ({ page }, info) => {
    await makeTemplate(page, 'greet');
    await page.goto('/');
    await composer(page).fill('/greet');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(page.getByRole('heading', { name: 'My greeting' })).toBeVisible();
    await page.getByLabel('word').fill('$& {{name}}');
    await page.getByRole('button', { name: 'Update the preview' }).click();
    await expect(page.locator('mark')).toHaveText('$& {{name}}');
    await page.screenshot({ path: info.outputPath('no-script.png') });
    await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
    await expect(questions(page)).toContainText('Say $& {{name}} {{twice}} to me.');

    await page.goto('/templates');
    const file = JSON.stringify({
      rejoinTemplates: 1,
      templates: [{ name: 'Wrong', command: 'x', message: '{{who}}' }],
    });
    const upload = (buffer: string) =>
      page
        .getByLabel('Import')
        .setInputFiles({ name: 't.json', mimeType: 'application/json', buffer: Buffer.from(buffer) });
    await upload(file);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('There is no variable for the blank "{{who}}"');
    await upload(file.replace('{{who}}', 'Hello').replace('Wrong', 'Right'));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(page.getByText('Imported: 1. Already there: 0.')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Right' }).first()).toBeVisible();
  });
});
