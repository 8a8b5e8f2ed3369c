import type { Locator, Page } from '@playwright/test';
import { expect, test } from './ui/test.ts';
import {
  answerText,
  api,
  ask,
  chatIdOf,
  composer,
  ended,
  hydrated,
  open,
  questions,
  send,
  startElsewhere,
  uniqueQuestion,
} from './ui/chat-page.ts';

test('Enter sends and Shift+Enter breaks the line, in a field that grows', async ({ page, model }) => {
  await open(page);
  const low = (await composer(page).boundingBox())!.height;
  const question = uniqueQuestion('one');
  await composer(page).fill(question);
  await composer(page).press('Shift+Enter');
  await composer(page).pressSequentially('two');
  await composer(page).press('Shift+Enter');
  await composer(page).pressSequentially('three');
  await expect.poll(async () => (await composer(page).boundingBox())!.height).toBeGreaterThan(low);
  await composer(page).press('Enter');

  const answer = await model.asked(`${question}\ntwo\nthree`);
  await expect(composer(page)).toHaveValue('');
  await expect(page).toHaveURL(/\/chat\/[\w-]+$/);
  answer.reply('It came.');
  await expect(answerText(page)).toHaveText('It came.');
});

test('Enter sends nothing while an input method (IME) is composing text', async ({ page, context, model }) => {
  await open(page);
  const requests: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && requests.push(request.url()));
  const cdp = await context.newCDPSession(page);
  const enter = (keyCode: number) =>
    cdp.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      key: 'Enter',
      code: 'Enter',
      windowsVirtualKeyCode: keyCode,
    });
  await composer(page).focus();
  await cdp.send('Input.imeSetComposition', { text: 'にほんご', selectionStart: 4, selectionEnd: 4 });
  await enter(13);
  // Some browsers report a composition only by the key code 229.
  await enter(229);
  await expect(composer(page)).toHaveValue('にほんご');
  const question = uniqueQuestion('日本語');
  await cdp.send('Input.insertText', { text: question });
  await expect(composer(page)).toHaveValue(question);
  expect(requests).toEqual([]);
  await expect(questions(page)).toHaveCount(0);

  await composer(page).press('Enter');
  (await model.asked(question)).reply('Yes.');
  await expect(questions(page)).toHaveCount(1);
});

test('each chat keeps its own draft over a reload, until the draft is sent', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('draft');
  await ask(page, question);
  (await model.asked(question)).reply('Yes.');
  await ended(page);

  await composer(page).fill('begun in the chat');
  const chat = page.url();
  await open(page);
  await composer(page).fill('begun in a new one');
  await page.reload();
  await hydrated(page);
  await expect(composer(page)).toHaveValue('begun in a new one');
  await open(page, chat);
  await expect(composer(page)).toHaveValue('begun in the chat');
  await composer(page).press('Enter');
  (await model.asked('begun in the chat')).reply('Yes.');
  await expect(composer(page)).toHaveValue('');
  await page.reload();
  await hydrated(page);
  await expect(composer(page)).toHaveValue('');
});

test('while an answer is written, Stop replaces Send until something is typed; a stop keeps the typed text', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('busy');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('Slowly');
  await expect(answerText(page)).toHaveText('Slowly');
  const sendButton = page.getByRole('button', { name: /^Send/ });
  await expect(sendButton).toBeHidden();
  await composer(page).fill('the next question');
  await expect(sendButton).toHaveAccessibleName('Send after this answer');

  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeVisible();
  await expect(composer(page)).toHaveValue('the next question');
  await composer(page).press('Enter');
  (await model.asked('the next question')).reply('Yes.');
  await expect(questions(page)).toHaveCount(2);
});

test('a question that is refused because another answer is being written (409) stays in the field', async ({
  page,
  model,
}) => {
  await open(page);
  const first = uniqueQuestion('first');
  await ask(page, first);
  (await model.asked(first)).reply('Yes.');
  await ended(page);
  // When an answer has ended, the page loads its data again, and might find the answer that the test starts elsewhere. So the test
  // opens the page anew. A newly opened page sends no requests while no answer is running.
  await open(page, page.url());
  const elsewhere = uniqueQuestion('elsewhere');
  await startElsewhere(page, elsewhere, { chatId: chatIdOf(page) });
  const answer = await model.asked(elsewhere);
  answer.write('I was first.');

  const refused = page.waitForResponse((response) => response.url().endsWith('/api/stream/start'));
  await ask(page, 'me too');
  expect((await refused).status()).toBe(409);
  await expect(composer(page)).toHaveValue('me too');
  await expect(page.getByRole('alert')).toBeVisible();
  // The page shows the answer that is being written.
  await expect(answerText(page)).toHaveText('I was first.');
  answer.end();
  await ended(page);
  await composer(page).press('Enter');
  (await model.asked('me too')).reply('Yes.');
  await expect(composer(page)).toHaveValue('');
});

test('an example is put into the field, and a chat is named after its first question @phone', async ({ page }) => {
  await open(page);
  const example = page.getByRole('button', { name: /houseplant/ });
  const prompt = (await example.textContent())!;
  await example.click();
  await expect(composer(page)).toHaveValue(prompt);
  await expect(composer(page)).toBeFocused();
  await page.getByLabel('Model').selectOption('demo');
  await send(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Compare three ways/);
  // On a phone, the list of chats is a closed drawer, so the row is in the page, but not visible.
  await expect(page.locator('.chat-row', { hasText: /^Compare three ways/ })).toBeAttached();
});

test('only models with a configured provider are offered, and the chosen one is remembered over a reload', async ({
  page,
}) => {
  await open(page);
  const select = page.getByLabel('Model');
  await expect(select.locator('option')).toHaveText(['scripted', /^Demo/]);
  await select.selectOption('demo');
  await page.reload();
  await hydrated(page);
  await expect(select).toHaveValue('demo');
});

test('each paragraph of an answer and each question has the direction of its own text', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('مرحبا');
  await ask(page, question);
  (await model.asked(question)).reply('أهلا وسهلا\n\nAnd in English.\n\n- واحد\n\n> اقتباس\n\n1. One');
  await ended(page);
  await expect(page.getByText('أهلا وسهلا', { exact: true })).toHaveCSS('direction', 'rtl');
  await expect(page.getByText('And in English.', { exact: true })).toHaveCSS('direction', 'ltr');
  await expect(questions(page).locator('.bubble')).toHaveCSS('direction', 'rtl');
  // Lists and quotes, too, have the direction of their own text. Their markers and bars are on the side where the text begins.
  await expect(answerText(page).locator('ul')).toHaveCSS('direction', 'rtl');
  await expect(answerText(page).locator('blockquote')).toHaveCSS('direction', 'rtl');
  await expect(answerText(page).locator('ol')).toHaveCSS('direction', 'ltr');
});

test('a file in a question is refused with an error code', async ({ page }) => {
  await open(page);
  const file = { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,AA==' };
  const messages = [{ role: 'user', parts: [file, { type: 'text', text: 'What is this?' }] }];
  const data = { chatId: 'files', messageId: 'm1', modelId: 'demo', messages };
  const answer = await api(page, 'POST', '/api/stream/start', { data });
  expect(answer.status()).toBe(400);
  expect(await answer.json()).toMatchObject({ code: 'file_parts_unsupported' });
});

test('an empty question cannot be sent, and the keyboard shortcuts work', async ({ page, context, model }) => {
  await open(page);
  const send = page.getByRole('button', { name: 'Send' });
  await expect(send).toHaveAttribute('aria-disabled', 'true');
  await send.click({ force: true });
  await expect(questions(page)).toHaveCount(0);
  await composer(page).fill(' ');
  await expect(send).toHaveAttribute('aria-disabled', 'true');
  const question = uniqueQuestion('commands');
  await composer(page).fill(question);
  await expect(send).toHaveAttribute('aria-disabled', 'false');
  await send.click();
  (await model.asked(question)).reply('To be copied.');
  await ended(page);

  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('ControlOrMeta+Shift+C');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('To be copied.');
  await composer(page).focus();
  await page.keyboard.press('ArrowUp');
  const edit = page.getByLabel('The question, edited');
  await expect(edit).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(edit).toBeHidden();
  await page.keyboard.press('ControlOrMeta+Shift+E');
  await expect(edit).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.type(' edited');
  await page.keyboard.press('Enter');
  (await model.asked(`${question} edited`)).reply('To the edit.');
  await expect(answerText(page)).toHaveText('To the edit.');
  await ended(page);

  await page.keyboard.press('ControlOrMeta+Shift+S');
  await expect(page.getByRole('complementary', { name: 'Chats' })).toBeHidden();
  await page.keyboard.press('ControlOrMeta+Shift+S');
  await expect(page.getByRole('complementary', { name: 'Chats' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Shift+O');
  await expect(page).toHaveURL('/');
  await expect(composer(page)).toBeFocused();
});

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 412, height: 839 } });

  test('Enter begins a new line and a button sends, in the composer and in the fields that edit a question or a waiting message', async ({
    page,
    model,
  }) => {
    /** Types two lines into a field. The Enter between them must begin a new line, and send nothing. */
    const typeLines = async (field: Locator, first: string, second: string) => {
      await expect(field).toHaveAttribute('enterkeyhint', 'enter');
      await field.fill(first);
      await field.press('End');
      await field.press('Enter');
      await field.pressSequentially(second);
      await expect(field).toHaveValue(`${first}\n${second}`);
    };
    await open(page);
    const first = uniqueQuestion('lines');
    await typeLines(composer(page), first, 'two');
    await expect(page).toHaveURL('/');
    await send(page);
    const answer = await model.asked(`${first}\ntwo`);
    answer.write('It begins');
    await expect(answerText(page)).toHaveText('It begins');

    await composer(page).fill('It waits');
    await send(page);
    const turn = page.locator('.turn.queued');
    await expect(turn.getByRole('button', { name: 'Remove' })).toBeEnabled();
    await turn.locator('summary').tap();
    const waiting = uniqueQuestion('waits');
    await typeLines(turn.getByRole('textbox'), waiting, 'on');
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await turn.getByRole('button', { name: 'Save' }).tap();
    await saved;
    await expect(turn.locator('.bubble')).toHaveText(`${waiting}\non`);
    answer.end();
    (await model.asked(`${waiting}\non`)).reply('To the second.');
    await expect(answerText(page)).toHaveText('To the second.');
    await ended(page);

    await page.getByTitle('Edit the question').last().tap();
    const edited = uniqueQuestion('edited');
    await typeLines(page.getByLabel('The question, edited').last(), edited, 'lines');
    await questions(page).last().getByRole('button', { name: 'Send' }).tap();
    (await model.asked(`${edited}\nlines`)).reply('To the edit.');
    await expect(answerText(page)).toHaveText('To the edit.');

    // With a keyboard that is attached to a tablet, Ctrl+Enter or ⌘+Enter sends.
    await composer(page).fill('With a key');
    await composer(page).press('ControlOrMeta+Enter');
    await expect(questions(page).last()).toContainText('With a key');
  });

  test('buttons, links and fields are at least 44 pixels high and wide', async ({ page, model }) => {
    await open(page);
    const question = uniqueQuestion('fingers');
    const small: string[] = [];
    const look = async (where: string) => small.push(...(await tooSmall(page)).map((each) => `${where}: ${each}`));
    await look('a new chat');
    await ask(page, question);
    const answer = await model.asked(question);
    answer.think('Hm.');
    answer.write('```ts\nlet a;\n```\n\nIt begins');
    await expect(answerText(page).last()).toContainText('It begins');
    await look('an answer that is written');
    answer.fail();
    await ended(page);
    await look('an answer that failed');
    await page.getByTitle('Chat options').tap();
    await look('the menu');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Open the list of chats' }).tap();
    await look('the list');
    await open(page, '/settings');
    await look('the settings');
    expect(small).toEqual([]);
  });
});

/** Finds buttons, links and fields that are too small for a finger. Links within a sentence may be as small as the text. */
const tooSmall = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a, button, select, summary, textarea, input:not([type=hidden])')]
      .filter(
        (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.answer p, .sr-only'),
      )
      .filter((element) => !element.matches('[class*="sr-only"]'))
      .flatMap((element) => {
        // A tap on the label of a checkbox checks the checkbox, so the size of the label counts.
        const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
        return width >= 43.5 && height >= 43.5
          ? []
          : [`${Math.round(width)}×${Math.round(height)} ${element.outerHTML.slice(0, 120)}`];
      }),
  );
