import type { Page } from '@playwright/test';
import { answerText, ended, lastAnswer, open, send, uniqueQuestion } from './ui/chat-page.ts';
import { SAMPLE_CODE } from './ui/sample-answers.ts';
import { expect, test } from './ui/test.ts';

const field = (page: Page) => page.locator('#composer textarea');
const announcement = (page: Page) => page.locator('p.sr-only[role="status"] span').last();

test.describe('a browser that prefers German', () => {
  test.use({ locale: 'de-AT' });

  test('gets pages, errors and announcements in German, until another language is chosen @phone', async ({
    page,
    model,
  }) => {
    await open(page);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(field(page)).toHaveAttribute('placeholder', 'Schreib eine Nachricht');

    const problem = { title: 'Too many requests. Please wait a moment.', status: 429, code: 'rate_limited' };
    const refuse = (route: { fulfill(answer: object): Promise<void> }) =>
      route.fulfill({ status: 429, contentType: 'application/problem+json', body: JSON.stringify(problem) });
    await page.route('**/api/stream/start', refuse, { times: 1 });
    const question = uniqueQuestion('deutsch');
    await field(page).fill(question);
    await send(page);
    await expect(page.getByRole('alert')).toHaveText('Zu viele Anfragen. Bitte warte einen Moment.');
    await expect(field(page)).toHaveValue(question);

    await send(page);
    const answer = await model.asked(question);
    answer.think('Kurz.');
    await expect(lastAnswer(page).locator('summary')).toHaveText('Denkt nach …');
    answer.reply(`\`\`\`ts\n${SAMPLE_CODE}\n\`\`\``);
    await ended(page);
    await expect(lastAnswer(page).locator('summary')).toHaveText('1 s nachgedacht');
    await expect(announcement(page)).toHaveText('Die Antwort ist vollständig.');
    await page.context().grantPermissions(['clipboard-write']);
    await answerText(page).getByRole('button', { name: 'Code kopieren' }).click();
    await expect(answerText(page).getByRole('button', { name: 'Kopiert' })).toBeVisible();

    await open(page, '/chat/unknown');
    await expect(page.getByRole('heading', { name: 'Chat nicht gefunden' })).toBeVisible();
    await open(page, '/settings');
    // A person who chooses with the arrow keys passes other languages first, so the page changes its language only after Save.
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('English');
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('中文');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Einstellungen');
    await page.getByRole('button', { name: 'Speichern' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('设置');
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh');
    await open(page);
    await expect(field(page)).toHaveAttribute('placeholder', '输入消息');
  });
});

test.describe('a browser that prefers Chinese and has no JavaScript', () => {
  test.use({ locale: 'zh-CN', javaScriptEnabled: false });

  test('gets Chinese pages, and can choose another language with a form', async ({ page }) => {
    await page.goto('/settings');
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh');
    await page.getByRole('combobox', { name: '语言' }).selectOption('Deutsch');
    await page.getByRole('button', { name: '保存' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Einstellungen');
    await page.goto('/no/such/page');
    await expect(page.getByRole('heading', { name: 'Seite nicht gefunden' })).toBeVisible();
  });
});

test('a page with the direction from right to left stays within the screen @phone', async ({ page, model }) => {
  await open(page);
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  const question = uniqueQuestion('שלום');
  await field(page).fill(question);
  await send(page);
  (await model.asked(question)).reply('שלום לך.\n\n- אחת\n- שתיים\n\n| א | ב |\n| --- | --- |\n| 1 | 2 |');
  await ended(page);
  const menu = page.getByTitle('Chat options');
  await menu.click();
  const outside = () =>
    page.evaluate(() => {
      const boxes = [...document.querySelectorAll('.title-menu .menu, .turn, #composer, .page-header')];
      return boxes.filter((box) => {
        const { left, right } = box.getBoundingClientRect();
        return left < 0 || right > innerWidth;
      }).length;
    });
  expect(await outside()).toBe(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  // The title begins at the right.
  const title = (await menu.boundingBox())!;
  expect(title.x + title.width / 2).toBeGreaterThan((await page.evaluate(() => innerWidth)) / 2);
});

test('the templates that come with Rejoin are in the language of the page', async ({ page, context, baseURL }) => {
  await context.addCookies([{ name: 'language', value: 'de', url: baseURL! }]);
  await open(page);
  const field = page.locator('#composer textarea');
  await field.pressSequentially('/');
  await page.getByRole('option', { name: /^Meine Arbeit prüfen/ }).click();
  await page.getByLabel('Der Text oder Code').fill('Das ist es.');
  await page.locator('#composer .primary').click();
  await expect(page.locator('.turn.question .bubble')).toContainText('Bitte prüfe den Text unten.');
  await page.goto('/templates/plan-de');
  await expect(page.getByRole('heading', { name: 'Einen Plan machen' })).toBeVisible();
});
