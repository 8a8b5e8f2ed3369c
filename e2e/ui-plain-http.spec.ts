import type { Page } from '@playwright/test';
import { chatIdOf, composer, lastAnswer, questions, sendForm, uniqueQuestion, words } from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

test.use({ stackEnv: { GUESTS_MAY_EDIT: '1', ALLOW_GUESTS: '1' } });

/**
 * A host name that browsers do not trust over plain HTTP, unlike 127.0.0.1. They send it no `Sec-Fetch-Site`, so only `Origin`
 * tells whether a form is one of the app's own.
 */
const HOST = 'chat.test';

test('over plain HTTP and without JavaScript, forms at secret addresses work: join, say, stop, leave, share, copy', async ({
  playwright,
  launchOptions,
  stack,
  model,
}) => {
  const browser = await playwright.chromium.launch({
    ...launchOptions,
    args: [...(launchOptions.args ?? []), `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  });
  const baseURL = `http://${HOST}:${stack.port}`;
  const person = async () => (await browser.newContext({ baseURL, javaScriptEnabled: false })).newPage();
  const click = (page: Page, name: string) =>
    page.getByRole('button', { name, exact: true }).click({ noWaitAfter: true });
  /** What a form of the page sends to the app. */
  const sent: { path: string; origin: string | undefined; site: string | undefined; referer: string | undefined }[] =
    [];
  const watch = (page: Page) =>
    page.on('request', (request) => {
      if (request.method() !== 'POST') return;
      void request.allHeaders().then(({ origin, referer, 'sec-fetch-site': site }) => {
        sent.push({ path: new URL(request.url()).pathname, origin, site, referer });
      });
    });
  const [ana, ben] = [await person(), await person()];
  for (const page of [ana, ben]) watch(page);

  const [first, second] = ['one', 'two'].map(uniqueQuestion) as [string, string];
  await ana.goto('/', { waitUntil: 'commit' });
  await sendForm(ana, first);
  (await model.asked(first)).reply('The first answer.');
  await ana.goto(`/chat/${chatIdOf(ana)}/people`);
  await ana.getByLabel('Your name').fill('Ana');
  await click(ana, 'Create invitation');
  const address = await ana.getByLabel('Address of the invitation').inputValue();
  expect(address).toMatch(new RegExp(`^${baseURL}/join/`));
  await ben.goto(address);
  await ben.getByLabel('Your name').fill('Ben');
  await click(ben, 'Join');
  await expect(ben).toHaveURL(/\/chat\/~/);

  await sendForm(ben, second);
  (await model.asked(second)).write(words(3));
  const frame = ben.frameLocator('iframe.live-frame');
  await expect(frame.locator('.live-text:visible')).toHaveText(words(3));
  await frame.getByRole('button', { name: 'Stop' }).click({ noWaitAfter: true });
  await expect(frame.getByText('Stopped.').first()).toBeVisible();
  await composer(ben).fill('A remark of Ben.');
  await click(ben, 'Say');
  await expect(questions(ben).last()).toContainText('A remark of Ben.');
  await ben.goto(`${new URL(ben.url()).pathname}/people`);
  await ben.locator('summary', { hasText: 'Leave this chat' }).click();
  await click(ben, 'Leave this chat');
  await expect(ben).toHaveURL(/\/$/);

  await ana.goto(`/chat/${chatIdOf(ana)}/share`);
  await ana.getByLabel('A button to copy the chat').check();
  await click(ana, 'Make the page');
  const url = await ana.getByLabel('Address of the page').inputValue();
  await ben.goto(url);
  await click(ben, 'Copy to my chats');
  await expect(ben).toHaveURL(/\/chat\/[\w-]+$/);
  await expect(lastAnswer(ben).first()).toContainText('Stopped.');

  // The browser sent what the test is about, and no secret address was sent as a referrer.
  const secret = sent.filter(({ path }) => /^\/(join|s)\//.test(path));
  expect(secret.map(({ path }) => path.split('/')[1])).toEqual(['join', 's']);
  for (const { origin, site, referer } of secret)
    expect({ origin, site, referer }).toEqual({ origin: baseURL, site: undefined, referer: `${baseURL}/` });
  await browser.close();
});

test('a form without a known origin is refused over plain HTTP, with the reason', async ({ request }) => {
  const refused = await request.post('/chat/x', {
    headers: { origin: 'null', accept: 'text/html', cookie: 'a=1' },
    form: { text: 'Hello' },
  });
  expect(refused.status()).toBe(403);
  const text = await refused.text();
  expect(text).toContain('This request came from another site and was refused.');
  expect(text).toContain('The browser did not say from which page it came (Origin: null). Use HTTPS.');
});
