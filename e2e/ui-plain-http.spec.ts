import type { Page } from '@playwright/test';
import { chatIdOf, lastAnswer, uniqueQuestion } from './ui/chat-page.ts';
import {
  askInFrame,
  inviteByForm,
  joinByForm,
  leaveByForm,
  press,
  startByForm,
  stopAndSayByForm,
} from './ui/people.ts';
import { expect, test } from './ui/test.ts';

test.use({ stackEnv: { GUESTS_MAY_EDIT: '1', ALLOW_GUESTS: '1' } });

/**
 * Over plain HTTP, browsers trust 127.0.0.1, but not this host name. They send no `Sec-Fetch-Site` to a host that they do not trust.
 * So the app can tell only from `Origin` whether a request comes from one of its own forms.
 */
const HOST = 'chat.test';

test('over plain HTTP without JavaScript, the forms to join, say, stop, leave, share and copy work, also at secret URLs', async ({
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
  /** The POST requests of all pages. */
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
  await startByForm(ana, model, first);
  await ana.goto(`/chat/${chatIdOf(ana)}/people`);
  const address = await inviteByForm(ana, 'Ana');
  expect(address).toMatch(new RegExp(`^${baseURL}/join/`));
  await joinByForm(ben, address, 'Ben');

  await askInFrame(ben, model, second);
  await stopAndSayByForm(ben, 'A remark of Ben.');
  await leaveByForm(ben);

  await ana.goto(`/chat/${chatIdOf(ana)}/share`);
  await ana.getByLabel('A button to copy the chat').check();
  await press(ana, 'Make the page');
  const url = await ana.getByLabel('Address of the page').inputValue();
  await ben.goto(url);
  await press(ben, 'Copy to my chats');
  await expect(ben).toHaveURL(/\/chat\/[\w-]+$/);
  await expect(lastAnswer(ben).first()).toContainText('Stopped.');

  // To secret URLs, the browser sent `Origin`, no `Sec-Fetch-Site`, and a referrer that does not contain the secret.
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
  expect(text).toContain('The browser did not say from which page the request came (Origin: null). Use HTTPS.');
});
