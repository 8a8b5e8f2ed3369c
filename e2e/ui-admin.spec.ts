import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BrowserContext, Locator, Page } from '@playwright/test';
import { analyticsAnswerSchema } from '../shared/analytics.ts';
import { makeAdminLink } from '../scripts/launch/admin-link.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { TEST_SETTINGS } from './stack/start-stack.ts';
import { watchErrors } from './stack/open-chat.ts';
import { COLOUR_RULES, expectNothingSerious } from './ui/axe.ts';
import { api, open, startElsewhere, uniqueQuestion, words } from './ui/chat-page.ts';
import { writePast } from './ui/past-analytics.ts';
import { expect, test as base } from './ui/test.ts';

type Cookies = Parameters<BrowserContext['addCookies']>[0];

const FIRST_GUEST_FILE = join(mkdtempSync(join(tmpdir(), 'rejoin-first-guest-')), 'first-guest');

/**
 * `firstGuest`: the cookies of the guest who opened the link that the launcher prints for the administrator. A test with
 * `asFirstGuest` has these cookies in its browser.
 */
const test = base.extend<{ asFirstGuest: void }, { firstGuest: Cookies }>({
  firstGuest: [
    async ({ stack, playwright }, use) => {
      const link = makeAdminLink({ ...TEST_SETTINGS, FIRST_GUEST_FILE });
      const first = await playwright.request.newContext({ baseURL: stack.baseURL });
      await first.get(link!);
      await use((await first.storageState()).cookies);
      await first.dispose();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  asFirstGuest: async ({ context, firstGuest }, use) => {
    await context.addCookies(firstGuest);
    await use();
  },
});

// No other file has these settings, so this file gets a separate stack that nobody has used before.
test.use({ stackEnv: { OPENAI_COMPATIBLE_MODELS: 'scripted,for-admin', FIRST_GUEST_FILE } });

const figure = (page: Page, name: string): Locator => page.getByRole('figure', { name });
const live = (page: Page): Locator => page.locator('table.live tbody tr');
const charted = (page: Page): Locator => page.locator('.recharts-surface').first();

/** A page of another person, in a separate browser context. */
async function visitor(page: Page): Promise<Page> {
  const context = await page
    .context()
    .browser()!
    .newContext({ baseURL: new URL(page.url()).origin });
  const theirs = await context.newPage();
  await open(theirs);
  return theirs;
}

test('the guest who opens the printed link is the administrator, and no other guest is', async ({
  page,
  asFirstGuest: _,
}) => {
  await open(page, '/settings');
  await page.getByRole('link', { name: 'Active answers and history' }).click();
  await expect(page.getByRole('heading', { name: 'Administration' })).toBeVisible();
  await expect(page.getByText('this browser opened the link')).toBeVisible();
  await expect(page.getByText('No data for this time range yet.')).toBeVisible();
  await expect(page.getByText('No active answers.')).toBeVisible();

  const theirs = await visitor(page);
  const refused = await theirs.goto('/admin');
  expect(refused!.status()).toBe(403);
  await expect(theirs.getByRole('heading', { name: 'Admins only' })).toBeVisible();
  await expect(theirs.getByText(/set ADMIN_USER_IDS=guest_/)).toBeVisible();
  for (const path of ['/admin/analytics.json', '/admin/streams.json'])
    expect((await api(theirs, 'GET', path)).status(), path).toBe(403);
  await theirs.goto('/settings');
  await expect(theirs.getByRole('heading', { name: 'Your data' })).toBeVisible();
  await expect(theirs.getByRole('link', { name: 'Active answers and history' })).toHaveCount(0);
  await theirs.context().close();
});

test("another person's answer appears on an open admin page, and only an administrator can stop it there", async ({
  page,
  model,
  asFirstGuest: _,
}) => {
  await open(page, '/admin');
  const theirs = await visitor(page);
  const question = uniqueQuestion('live');
  const chatId = await startElsewhere(theirs, question);
  const answer = await model.asked(question);
  answer.write(words(20));

  await expect(live(page)).toHaveCount(1);
  await expect(live(page)).toContainText('local/scripted');
  const streamId = await live(page).locator('input[name=streamId]').first().inputValue();
  const stop = { streamId };
  const origin = new URL(theirs.url()).origin;
  expect((await theirs.request.post('/admin', { form: stop, headers: { origin } })).status()).toBe(403);
  expect(answer.isAborted).toBe(false);

  await live(page)
    .getByRole('button', { name: /^Stop the answer for guest_.* by local\/scripted/ })
    .click();
  await expect(live(page)).toHaveCount(0);
  await expect.poll(() => answer.isAborted).toBe(true);
  const { status } = (await (await api(theirs, 'GET', `/api/stream/status/${streamId}`)).json()) as { status: string };
  expect(status).toBe('cancelled');
  await open(theirs, `/chat/${chatId}`);
  await expect(theirs.getByText('Stopped.').first()).toBeVisible();
  await theirs.context().close();
});

/** If a browser runs this markup in the app's origin, the script requests data that only an administrator may read. */
const MARKUP =
  '<!doctype html><html><body><script>window.hacked = 1; fetch("/admin/streams.json?by-markup")</script></body></html>';

test('markup from a guest or a model does not run when an administrator or the guest opens a URL of the chat', async ({
  page,
  model,
  asFirstGuest: _,
}) => {
  await open(page, '/admin');
  const theirs = await visitor(page);
  const [chatId, messageId, question] = [randomUUID(), randomUUID(), uniqueQuestion('markup')];
  const messages = [
    { id: 'first', role: 'user', content: 'Hello' },
    { id: 'sent', role: 'assistant', content: MARKUP },
    { role: 'user', content: question },
  ];
  const data = { chatId, messageId, modelId: 'local/scripted', messages };
  const started = await api(theirs, 'POST', '/api/stream/start', { data });
  expect(started.status()).toBe(201);
  const { streamId } = (await started.json()) as { streamId: string };
  const answer = await model.asked(question);
  answer.write(MARKUP);
  answer.end();
  const resume = `/api/stream/resume/${streamId}`;
  expect(await (await api(theirs, 'GET', resume)).text()).toContain('<script>'); // the response contains the markup as text

  const paths = [
    resume,
    `/api/stream/status/${streamId}`,
    `/chat/${chatId}/live/${streamId}`,
    `/chat/${chatId}/export?format=json`,
    `/chat/${chatId}`,
    `/api/chats/${chatId}`,
    `/api/chats/${chatId}/messages`,
    `/api/chat/${chatId}/stream`,
  ];
  const addresses = paths.flatMap((path) => [path, path.replace(/(\?|$)/, '.data$1'), path.replace(/(\?|$)/, '/$1')]);
  // The guest opens the URLs, too, because the app returns the markup only to the guest.
  for (const browser of [page, theirs]) {
    const read: string[] = [];
    browser.on('request', (request) => request.url().includes('by-markup') && read.push(request.url()));
    for (const address of addresses) {
      // `goto` rejects if the response is a download or has no body.
      await browser.goto(address, { waitUntil: 'load' }).catch(() => null);
      const ran = await browser.evaluate(() => (globalThis as { hacked?: number }).hacked);
      expect([address, ran]).toEqual([address, undefined]);
    }
    expect(read).toEqual([]);
  }
  await theirs.context().close();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('an answer can be stopped, and the numbers are shown @phone', async ({
    page,
    stack,
    model,
    playwright,
    asFirstGuest: _,
  }) => {
    await writePast(stack, { hours: 2 });
    const theirs = await playwright.request.newContext({ baseURL: stack.baseURL });
    await theirs.get('/');
    const question = uniqueQuestion('no script');
    const messages = [{ role: 'user', content: question }];
    const data = { chatId: 'of-somebody', messageId: uniqueQuestion('m').replace(' ', '-'), messages };
    const headers = { origin: stack.baseURL };
    const started = await theirs.post('/api/stream/start', { data: { ...data, modelId: 'local/scripted' }, headers });
    expect(started.status()).toBe(201);
    const answer = await model.asked(question);
    answer.write(words(20));

    await page.goto('/admin');
    await expect(live(page)).toHaveCount(1);
    await expect(page.getByRole('figure')).not.toHaveCount(0);
    await expect(page.locator('.chart').first()).toBeHidden();
    const ends = figure(page, 'How answers ended').getByRole('table');
    await expect(ends).toBeVisible();
    await expect(ends.getByRole('row').nth(2)).toBeVisible();
    await live(page).getByRole('button', { name: /^Stop/ }).click();
    await expect(page.getByText('No active answers.')).toBeVisible();
    await expect.poll(() => answer.isAborted).toBe(true);
    await page.getByRole('link', { name: '7 days' }).click();
    await expect(page).toHaveURL('/admin?range=7d');
    await expect(ends).toBeVisible();
    await theirs.dispose();
  });
});

test.describe('with a history of thirty hours', () => {
  // Drawing all charts takes seconds on a busy machine.
  test.slow();
  const expectSoon = expect.configure({ timeout: 30_000 });
  test.beforeEach(async ({ stack }) => writePast(stack, { hours: 30 }));

  test('the charts are drawn without an error, and their tooltips show the numbers of their tables', async ({
    page,
    asFirstGuest: _,
  }) => {
    const errors = watchErrors(page);
    await open(page, '/admin');
    await expectSoon(charted(page)).toBeVisible();
    for (const name of ['How answers ended', 'Time to the first token', 'How readers connected', 'Cleanup']) {
      const shown = figure(page, name);
      await shown.getByText('Numbers').click();
      const rows = shown.getByRole('table').getByRole('row');
      await shown.locator('.chart').scrollIntoViewIfNeeded();
      const area = (await shown.locator('.recharts-cartesian-grid').boundingBox())!;
      for (const share of [0.1, 0.5, 0.9]) {
        await page.mouse.move(area.x + area.width * share, area.y + area.height / 2);
        const pointed = shown.locator('.chart-values p');
        await expect(pointed.nth(2)).toBeAttached();
        const [label, ...values] = await pointed.allInnerTexts();
        expect(values.length).toBeGreaterThan(1);
        const numbers = values.map((text) => text.split(': ').at(-1)!.trim());
        await expect(rows.filter({ has: page.getByRole('rowheader', { name: label!, exact: true }) })).toHaveText(
          [label!, ...numbers].join(''),
        );
      }
      await shown.getByText('Numbers').click();
    }
    for (const range of ['7 days', '30 days', '90 days']) {
      await page.getByRole('link', { name: range }).click();
      await expectSoon(page.getByRole('link', { name: range })).toHaveAttribute('aria-current', 'page');
      await expectSoon(charted(page)).toBeVisible();
    }
    expect(errors).toEqual([]);
  });

  test('the data can be downloaded as JSON, with the total that the page shows', async ({ page, asFirstGuest: _ }) => {
    await open(page, '/admin');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download as JSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('rejoin-analytics-24h.json');
    const { periods, step } = analyticsAnswerSchema.parse(
      await (await api(page, 'GET', '/admin/analytics.json')).json(),
    );
    expect(step).toBe('hour');
    expect(periods.length).toBeGreaterThanOrEqual(23);
    const started = periods.reduce((sum, period) => sum + period.started, 0);
    const shown = page.locator('.totals > div', { hasText: 'Answers started' }).locator('.value');
    await expect(shown).toHaveText(started.toLocaleString('en'));
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`in ${colorScheme}`, () => {
      test.use({ colorScheme });
      // Colours are the same on a phone, so one scheme is enough there.
      const phone = colorScheme === 'light' ? ' @phone' : '';
      test(`axe finds nothing serious, and nothing is wider than the screen${phone}`, async ({
        page,
        asFirstGuest: _,
      }) => {
        const rules = colorScheme === 'light' ? undefined : COLOUR_RULES;
        await open(page, '/admin');
        await expectSoon(charted(page)).toBeVisible();
        await expectNothingSerious(page, 'charts', { without: '.recharts-surface', rules });
        // One table is enough, because all tables are alike.
        await page.getByText('Numbers', { exact: true }).first().click();
        await expectNothingSerious(page, 'a table', {
          within: 'figure:has(details[open])',
          without: '.recharts-surface',
          rules,
        });
        const { scroll, client } = await page.locator('.thread-scroll').evaluate((element) => ({
          scroll: element.scrollWidth,
          client: element.clientWidth,
        }));
        expect(scroll).toBeLessThanOrEqual(client);
      });
    });
  }

  test('the screenshot for docs/operate.md can be taken', async ({ page, model, asFirstGuest: _ }) => {
    await page.setViewportSize({ width: 1280, height: 1000 });
    await open(page);
    const question = 'Plan a week in the Dolomites';
    const chatId = await startElsewhere(page, question);
    const answer = await model.asked(question);
    answer.write(words(60));
    const reader = await page.context().newPage();
    await open(reader, `/chat/${chatId}`);
    await expect(reader.getByText('word59')).toBeVisible();
    await open(page, '/admin');
    await expectSoon(charted(page)).toBeVisible();
    await expect(live(page)).toHaveCount(1);
    const isUpdate = process.env.UPDATE_SCREENSHOTS === '1';
    const path = isUpdate ? inRoot('docs/screenshots/admin.png') : test.info().outputPath('admin.png');
    mkdirSync(dirname(path), { recursive: true });
    const image = await page.screenshot({ path, animations: 'disabled' });
    expect(image.byteLength).toBeGreaterThan(5_000);
    answer.end();
  });
});
