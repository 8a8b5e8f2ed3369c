import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { Page } from '@playwright/test';
import type { Share } from '../shared/chat/shares.ts';
import {
  answerText,
  api,
  ask,
  chatIdOf,
  ended,
  hydrated,
  lastAnswer,
  open,
  questions,
  sendForm,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';
import { RICH_ANSWER, SAMPLE_CODE } from './ui/sample-answers.ts';
import { expect, test } from './ui/test.ts';

type Made = Share & { url: string };

const FORMULA = 'Formula: \\(x^2 + \\frac{1}{2}\\).';
const HOSTILE_TITLE = '"><script>window.hacked=1</script><img src=x onerror=hacked> & \u202Eevil';
const HOSTILE = `<script>window.hacked = 1</script> <img src=x onerror="hacked"> [x](javascript:hacked) \`\`\`"><b>\n</code></pre><script>hacked</script>\n\`\`\``;

const picture = (page: Page, name: string) =>
  page.screenshot({ path: test.info().outputPath(`${name}.png`), animations: 'disabled', fullPage: true });

async function make(page: Page, data: object = {}): Promise<Made> {
  const answer = await api(page, 'POST', `/api/chats/${chatIdOf(page)}/shares`, { data });
  expect(answer.status(), await answer.text()).toBe(201);
  return (await answer.json()) as Made;
}

/** Reads a URL without a cookie. `whole` resolves to true if the response ended cleanly, to false if it was cut. */
async function read(url: string) {
  const response = await fetch(url);
  let text = '';
  const decoder = new TextDecoder();
  const whole = (async () => {
    try {
      for await (const bytes of Readable.fromWeb(response.body as WebStream))
        text += decoder.decode(bytes as Uint8Array, { stream: true });
      return true;
    } catch {
      return false;
    }
  })();
  return { response, whole, text: () => text };
}

test('a live page shows the answer while it is written, has no script, cookie or reasoning, and ends cleanly after the answer', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('live page');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.think('A thought that nobody may read.');
  answer.write(`${words(5)} `);
  await expect(lastAnswer(page)).toContainText('word4');
  const { url } = await make(page, { mode: 'live', copy: true });
  expect(url).toMatch(/\/s\/[\w-]{43}$/);
  const reader = await read(url);
  const { headers, status } = reader.response;
  expect(status).toBe(200);
  await expect.poll(reader.text).toContain('word4');
  answer.write(`${words(5, 5)}\n\n`);
  await expect.poll(reader.text).toContain('word9');
  expect(reader.text()).not.toContain('</html>');
  answer.reply(`\n\n${RICH_ANSWER}\n\n${FORMULA}`);
  expect(await reader.whole).toBe(true);
  const html = reader.text();
  expect(html).toContain('</html>');
  expect(html).not.toMatch(/<script|javascript:|\son\w+=/i);
  expect(html).not.toContain('nobody may read');
  expect(html).toContain('hljs-keyword');
  expect(html).toContain('<math');
  expect(headers.get('set-cookie')).toBeNull();
  expect(headers.get('x-robots-tag')).toBe('noindex, noarchive');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toContain('no-store');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-security-policy')).not.toContain('script');
  const robots = await fetch(new URL('/robots.txt', url));
  expect(robots.ok ? await robots.text() : '').not.toMatch(/Disallow: *\/(s\/)?$/m);

  // After the end, the whole answer is also there as Markdown and as JSON.
  expect((await (await fetch(`${url}.md`)).text()).includes(SAMPLE_CODE)).toBe(true);
  const json = (await (await fetch(`${url}?format=json`)).json()) as {
    messages: { parts: object[] }[];
    isWriting: boolean;
  };
  expect(json.isWriting).toBe(false);
  expect(JSON.stringify(json)).not.toContain('nobody may read');
  expect((await fetch(`${url}.data`)).status).toBe(404);
});

test('when a live page is revoked during an answer, its response asks the browser to reload and is cut; later requests get 404', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('revoked');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(`${words(5)} `);
  await expect(answerText(page)).toContainText('word4');
  const { url, shareId } = await make(page, { mode: 'live' });
  const reader = await read(url);
  await expect.poll(reader.text).toContain('word4');
  await api(page, 'DELETE', `/api/shares/${shareId}`);
  expect(await reader.whole).toBe(false);
  answer.write('after the end');
  await expect(answerText(page)).toContainText('after the end');
  expect(reader.text()).not.toContain('after the end');
  expect(reader.text()).not.toContain('</html>');
  // A browser may ignore `http-equiv="refresh"` in a page that was cut, so the page also says in words that it is not available.
  expect(reader.text()).toContain('This page is not available. It has expired, was revoked, or never existed.');
  expect(reader.text()).toContain('http-equiv="refresh"');
  expect((await fetch(url)).status).toBe(404);
  answer.end();
});

test('a live page loads itself again when its options change in the middle of an answer', async ({
  page,
  model,
  browser,
}) => {
  await open(page);
  const question = uniqueQuestion('options');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.think('A thought that may be read for a while.');
  answer.write(`${words(5)} `);
  await expect(lastAnswer(page)).toContainText('word4');
  const { url, shareId } = await make(page, { mode: 'live', reasoning: true });
  const theirs = await browser.newContext();
  const reader = await theirs.newPage();
  await reader.goto(url, { waitUntil: 'commit' });
  await expect(reader.locator('details', { hasText: 'A thought that may be read' })).toHaveCount(1);
  await expect(reader.getByText('word4')).toBeVisible();
  await api(page, 'PATCH', `/api/shares/${shareId}`, { data: { reasoning: false } });
  await expect(reader.locator('details', { hasText: 'A thought that may be read' })).toHaveCount(0);
  await expect(reader.getByText('word4')).toBeVisible();
  answer.write(words(5, 5));
  await expect(reader.getByText('word9')).toBeVisible();
  answer.end();
  await reader.waitForLoadState();
  expect(await reader.content()).not.toContain('A thought that may be read');
  await theirs.close();
});

test('on the pages for sharing and for people, a new address stays visible when the page loads its data again', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('addresses');
  await ask(page, question);
  (await model.asked(question)).reply('An answer.');
  await ended(page);
  const chat = `/chat/${chatIdOf(page)}`;
  for (const [path, button, address] of [
    ['share', 'Make the page', 'Address of the page'],
    ['people', 'Create invitation', 'Address of the invitation'],
  ] as const) {
    await open(page, `${chat}/${path}`);
    if (path === 'people') await page.getByLabel('Your name').fill('Ana');
    const loaded = page.waitForResponse((response) => response.request().method() === 'GET' && response.ok());
    await page.getByRole('button', { name: button }).click();
    await loaded;
    await page.waitForTimeout(500);
    await expect(page.getByLabel(address)).toHaveValue(/^http/);
  }
});

test('a chat is shared in a dialog, and its public page is opened, updated, copied and revoked @phone', async ({
  page,
  model,
  browser,
}) => {
  test.slow();
  await open(page);
  const question = uniqueQuestion('shared');
  await ask(page, question);
  (await model.asked(question)).reply(`${RICH_ANSWER}\n\n${FORMULA}`);
  await ended(page);
  await page.locator('.title-menu > summary').click();
  await page.getByRole('link', { name: 'Share', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Also show');
  await expectNothingSerious(page, 'the dialog');
  await picture(page, 'dialog');
  await dialog.getByLabel('A button to copy the chat').check();
  await dialog.getByRole('button', { name: 'Make the page' }).click();
  const field = dialog.getByLabel('Address of the page');
  const url = await field.inputValue();
  expect(url).toMatch(/\/s\/[\w-]{43}$/);
  await expect(dialog.getByRole('img', { name: 'QR code of the address' }).locator('svg')).toBeVisible();
  await expectNothingSerious(page, 'the address');
  await picture(page, 'dialog-made');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  // The page is opened by somebody else, who has no cookie.
  const { viewport, userAgent } = test.info().project.use;
  const theirs = await browser.newContext({ viewport, userAgent, baseURL: new URL(url).origin });
  const reader = await theirs.newPage();
  const errors: string[] = [];
  reader.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await reader.goto(url);
  await expect(reader.getByRole('heading', { level: 1 })).toHaveText(question);
  await expect(reader.locator('.hljs-keyword').first()).toBeVisible();
  await expect(reader.locator('math')).toBeVisible();
  await expect(reader.locator('.copy-code')).toBeHidden();
  expect(await reader.title()).not.toContain(question);
  expect(await reader.locator('meta[property="og:title"]').getAttribute('content')).not.toContain(question);
  expect(await theirs.cookies()).toEqual([]);
  expect(await reader.evaluate(() => document.scripts.length)).toBe(0);
  expect(await reader.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await expectNothingSerious(reader, 'the public page');
  await picture(reader, 'page');
  await reader.emulateMedia({ colorScheme: 'dark' });
  await expectNothingSerious(reader, 'the public page in dark');
  await picture(reader, 'page-dark');
  await reader.emulateMedia({ media: 'print', colorScheme: 'light' });
  await expect(reader.getByRole('button', { name: 'Copy to my chats' })).toBeHidden();
  await picture(reader, 'page-print');
  await reader.emulateMedia({ media: 'screen' });

  // The public page is updated while the reader has it open. The reader must open it again before copying it.
  await open(page, '/settings/shares');
  await expect(page.getByText('Opened: 1')).toBeVisible();
  await expectNothingSerious(page, 'the list');
  await picture(page, 'list');
  await page.getByRole('button', { name: 'Update' }).click();
  await expect(page.getByText('Snapshot, revision 2')).toBeVisible();
  await reader.getByRole('button', { name: 'Copy to my chats' }).click();
  await expect(reader.getByText('This page has changed since you opened it')).toBeVisible();
  await reader.goto(url);
  await reader.getByRole('button', { name: 'Copy to my chats' }).click();
  await expect(reader).toHaveURL(/\/chat\/[\w-]+$/);
  await expect(questions(reader).first()).toContainText(question);
  await expect(lastAnswer(reader)).toContainText('That is all of it.');
  await expect(lastAnswer(reader)).toContainText(`Branched from “${question}”`);

  await page.locator('summary', { hasText: 'Revoke' }).click();
  await expect(page.getByText('Its address stops working at once, and cannot be brought back.')).toBeVisible();
  await expectNothingSerious(page, 'the question before a page is revoked');
  await picture(page, 'revoke');
  expect((await fetch(url)).status).toBe(200);
  await page.getByRole('button', { name: `Revoke the page “${question}”` }).click();
  await expect(page.getByText('You have no public pages.')).toBeVisible();
  expect((await reader.goto(url))?.status()).toBe(404);
  await expect(reader.getByRole('heading', { name: 'This page is not available' })).toBeVisible();
  await expectNothingSerious(reader, 'a page that is gone');
  await picture(reader, 'gone');
  await theirs.close();
});

test('a chat says that it has a public page, and the dialog for sharing updates, changes and revokes public pages @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('shared already');
  await ask(page, question);
  (await model.asked(question)).reply('An answer.');
  await ended(page);
  const sign = page.locator('.page-header').getByRole('link', { name: 'Public page' });
  await expect(sign).toHaveCount(0);
  const { url } = await make(page);
  await page.reload({ waitUntil: 'commit' });
  await hydrated(page);
  await picture(page, 'header');
  await sign.click();
  const dialog = page.getByRole('dialog');
  const pages = dialog.locator('li.card');
  await expect(pages).toHaveCount(1);
  await expect(pages).toContainText(/Snapshot, revision 1 · made .* · until .* · Opened: 0/);
  await expect(dialog).toContainText('A page’s address is shown only in the browser in which the page was made.');
  await expect(dialog.getByLabel('The chat as it goes on')).toBeHidden();
  await expectNothingSerious(page, 'the dialog');
  await picture(page, 'dialog-listed');

  await dialog.getByRole('button', { name: 'Update' }).click();
  await expect(pages).toContainText('Snapshot, revision 2');
  await pages.getByText('Change', { exact: true }).click();
  await pages.getByLabel('The title in link previews').check();
  await pages.getByRole('button', { name: 'Save changes' }).click();
  const html = async () => (await fetch(url)).text();
  await expect.poll(html).toContain(`<meta property="og:title" content="${question}`);
  await expect(pages).toHaveCount(1);

  // The first page was made through the API and not in this browser's dialog, so the dialog cannot show the address of the first page.
  // The test makes a second page in the dialog.
  await dialog.getByText('Make a new address', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Make the page' }).click();
  const address = dialog.getByLabel('Address of the page');
  await expect(address).toBeFocused();
  const second = await address.inputValue();
  expect(second).not.toBe(url);
  await expect(pages).toHaveCount(2);
  await picture(page, 'dialog-two');

  // Revoking takes two presses. The address of a revoked page is no longer shown.
  const revoke = async () => {
    await pages.first().locator('summary', { hasText: 'Revoke' }).click();
    expect((await fetch(url)).status).toBe(200);
    await pages
      .first()
      .getByRole('button', { name: `Revoke the page “${question}”` })
      .click();
  };
  await revoke();
  await expect(pages).toHaveCount(1);
  await expect(address).toHaveCount(0);
  expect((await fetch(second)).status).toBe(404);
  await revoke();
  await expect(pages).toHaveCount(0);
  await expect(dialog.getByLabel('The chat as it goes on')).toBeVisible();
  expect((await fetch(url)).status).toBe(404);
  await page.keyboard.press('Escape');
  await expect(sign).toHaveCount(0);
});

test('the menu of a chat in the list leads to the page for sharing that chat', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('from the list');
  await ask(page, question);
  (await model.asked(question)).reply('An answer.');
  await ended(page);
  const row = page.locator('.chat-row', { hasText: question });
  const menu = row.getByRole('link', { name: /^Options for/ });
  await expect(menu).not.toHaveAttribute('aria-haspopup');
  await menu.click();
  await page.locator('.menu:popover-open').getByRole('link', { name: 'Share', exact: true }).click();
  await expect(page).toHaveURL(/\/chat\/[\w-]+\/share$/);
  await expect(page.getByRole('button', { name: 'Make the page' })).toBeVisible();
});

test('hostile titles, names and texts are inert on a public page', async ({ page, model, browser }) => {
  await open(page);
  const question = `${uniqueQuestion('hostile')} ${HOSTILE}`;
  await ask(page, question);
  (await model.asked(question)).reply(HOSTILE);
  await ended(page);
  const { url } = await make(page, { title: HOSTILE_TITLE, showTitleInPreview: true, copy: true, names: true });
  const theirs = await browser.newContext();
  const reader = await theirs.newPage();
  const foreign: string[] = [];
  reader.on('request', (request) => !request.url().startsWith(new URL(url).origin) && foreign.push(request.url()));
  await reader.goto(url);
  await expect(reader.getByRole('heading', { level: 1 })).toContainText('<script>');
  expect(await reader.evaluate(() => 'hacked' in window)).toBe(false);
  expect(await reader.locator('script, img, iframe, b, [onerror], a[href^="javascript"]').count()).toBe(0);
  expect(await reader.title()).toContain('<script>');
  expect(foreign).toEqual([]);
  const markdown = await fetch(`${url}.md`);
  expect(markdown.headers.get('content-type')).toContain('text/markdown');
  expect(markdown.headers.get('x-content-type-options')).toBe('nosniff');
  await theirs.close();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a chat is shared, its pages are listed, changed and revoked, and a reader makes a copy @phone', async ({
    page,
    model,
  }) => {
    await page.goto('/', { waitUntil: 'commit' });
    const question = uniqueQuestion('no script share');
    await sendForm(page, question);
    (await model.asked(question)).reply('The whole answer.');
    await expect(async () => {
      await page.goto(page.url().split('#')[0]!);
      await expect(lastAnswer(page)).toContainText('The whole answer.', { timeout: 1000 });
    }).toPass();
    const chat = page.url().split('#')[0]!;
    await page.locator('.title-menu > summary').click();
    await page.getByRole('link', { name: 'Share', exact: true }).click();
    await expect(page).toHaveURL(/\/chat\/[\w-]+\/share$/);
    await picture(page, 'share-no-script');
    await page.getByLabel('A button to copy the chat').check();
    await page.getByLabel('The chat as it goes on').check();
    await page.getByRole('button', { name: 'Make the page' }).click();
    const url = await page.getByLabel('Address of the page').inputValue();
    await expect(page.getByRole('img', { name: 'QR code of the address' }).locator('svg')).toBeVisible();
    await picture(page, 'made-no-script');
    await page.goto('/settings/shares');
    await page.getByText('Change', { exact: true }).click();
    await page.getByLabel('The title in link previews').check();
    await page.getByRole('button', { name: 'Save changes' }).click();
    expect(await (await fetch(url)).text()).toContain(`<meta property="og:title" content="${question}`);

    await page.goto(url);
    await expect(page.getByText('The whole answer.')).toBeVisible();
    await page.getByRole('button', { name: 'Copy to my chats' }).click();
    await expect(page).toHaveURL(/\/chat\/[\w-]+$/);
    await expect(lastAnswer(page)).toContainText('The whole answer.');

    await page.goto('/settings/shares');
    await page.locator('summary', { hasText: 'Revoke' }).click();
    await page.getByRole('button', { name: /^Revoke the page/ }).click();
    await expect(page.getByText('You have no public pages.')).toBeVisible();
    expect((await fetch(url)).status).toBe(404);

    await page.goto(chat);
    await page.locator('.title-menu > summary').click();
    await page.getByRole('link', { name: 'Share', exact: true }).click();
    await page.getByRole('button', { name: 'Make the page' }).click();
    await page.goto('/settings/shares');
    await page.getByLabel('Revoke all pages').check();
    await page.getByRole('button', { name: 'Revoke all' }).click();
    await expect(page.getByText('You have no public pages.')).toBeVisible();
    expect((await fetch(url)).status).toBe(404);
  });
});
