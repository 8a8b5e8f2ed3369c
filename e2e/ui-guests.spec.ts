import { startOtherSite } from './ui/other-site.ts';
import { answerText, api, ask, chatIdOf, ended, open, uniqueQuestion } from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';
import { invite, join, otherPerson, SOON } from './ui/people.ts';
import { picture } from './ui/picture.ts';
import { expect, test } from './ui/test.ts';

const COOKIE = 'rejoin_guest';

test('a guest is known by a signed cookie that scripts cannot read, and nothing is requested from Clerk', async ({
  page,
  context,
}) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await open(page);
  const cookie = (await context.cookies()).find(({ name }) => name === COOKIE)!;
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(await page.evaluate(() => document.cookie)).not.toContain(COOKIE);
  expect(requests.filter((url) => /clerk/i.test(url))).toEqual([]);
});

test('a guest cannot open the chat of another guest, even with a forged cookie', async ({
  page,
  context,
  browser,
  stack,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('guest');
  await ask(page, question);
  (await model.asked(question)).reply('For you.');
  await expect(answerText(page)).toHaveText('For you.');
  await ended(page);
  const path = `/chat/${chatIdOf(page)}`;

  const stranger = await browser.newContext({ baseURL: stack.baseURL });
  const theirs = await stranger.newPage();
  await open(theirs, path);
  await expect(theirs.getByRole('heading', { name: 'Chat not found' })).toBeVisible();

  // The same user id with a changed signature.
  const mine = (await context.cookies()).find(({ name }) => name === COOKIE)!;
  const [payload, signature] = decodeURIComponent(mine.value).split(/\.(?=[^.]*$)/) as [string, string];
  const forged = `${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  await stranger.addCookies([{ ...mine, value: encodeURIComponent(forged) }]);
  await theirs.reload();
  await expect(theirs.getByRole('heading', { name: 'Chat not found' })).toBeVisible();
  await stranger.close();

  await page.reload();
  await expect(answerText(page)).toHaveText('For you.');
});

for (const { name, host } of [
  { name: 'another site', host: 'localhost' },
  { name: 'another port of the same host (so the browser sends the cookies)', host: '127.0.0.1' },
]) {
  test(`a request from ${name} is refused`, async ({ page, stack }) => {
    await open(page);
    const site = await startOtherSite(`
      <form id="page" method="post" action="${stack.baseURL}/?index">
        <input name="intent" value="send"><input name="fresh" value="x"><input name="text" value="from elsewhere">
      </form>
      <form id="settings" method="post" action="${stack.baseURL}/settings"><input name="intent" value="delete-all"><input name="confirm" value="yes"></form>
      <form id="api" method="post" enctype="text/plain" action="${stack.baseURL}/api/stream">
        <input name='{"messages":[{"role":"user","content":"' value='"}]}'>
      </form>`);
    for (const form of ['page', 'settings', 'api']) {
      await page.goto(`http://${host}:${site.port}/`);
      const refused = page.waitForNavigation();
      await page.locator(`#${form}`).evaluate((element: HTMLFormElement) => element.submit());
      expect((await refused)!.status()).toBe(403);
    }
    await page.goto(`http://${host}:${site.port}/`);
    // The app's header Cross-Origin-Resource-Policy makes the browser hide the response from the other site, so `fetch` fails.
    const fetched = page.evaluate(async (url) => {
      const body = JSON.stringify({ messages: [{ role: 'user', content: 'from elsewhere' }] });
      await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body });
    }, `${stack.baseURL}/api/stream`);
    await expect(fetched).rejects.toThrow('Failed to fetch');
    await site.stop();

    await open(page);
    expect(await (await api(page, 'GET', '/api/chats')).json()).toMatchObject({ chats: [], pinned: [] });
  });
}

test('a request without an origin is refused if it carries a cookie, and handled if it does not', async ({
  page,
  stack,
  playwright,
}) => {
  await open(page);
  const url = `${stack.baseURL}/api/stream/cleanup`;
  const withCookie = await page.request.post(url);
  expect(withCookie.status()).toBe(403);
  expect(await withCookie.json()).toMatchObject({ code: 'forbidden_origin' });
  const nobody = await playwright.request.newContext();
  expect((await nobody.post(`${stack.baseURL}/api/stream`, { data: {} })).status()).toBe(400);
  await nobody.dispose();
});

test('where guests can only read, invitations are for viewers only, and everybody is told why @phone', async ({
  page: ana,
  model,
  browser,
  baseURL,
}) => {
  await open(ana);
  const question = uniqueQuestion('only readers');
  await ask(ana, question);
  (await model.asked(question)).reply('An answer.');
  await ended(ana);
  await ana.getByRole('link', { name: 'Invite someone' }).click();
  const dialog = ana.getByRole('dialog', { name: 'People' });
  const role = dialog.getByRole('combobox', { name: 'Role', exact: true });
  await expect(role.locator('option')).toHaveText(['Viewer']);
  await expect(role).toHaveAccessibleDescription(/guests can only read.*GUESTS_MAY_EDIT=1/);
  await expectNothingSerious(ana, 'the dialog');
  await picture(ana, 'only-viewers');
  const address = await invite(ana, { name: 'Ana', role: 'Viewer' });

  const ben = await otherPerson(browser, { baseURL });
  await join(ben, address, 'Ben');
  await expect(ben.getByText('You can read this chat. Guests cannot write here.')).toBeVisible();
  // The owner cannot change the role of a guest. The invitation is used up, so its address is not shown any more.
  const person = dialog.getByRole('listitem').filter({ hasText: 'Ben' });
  await expect(person).toContainText('Viewer', SOON);
  await expect(person.getByRole('combobox')).toHaveCount(0);
  await expect(dialog.getByLabel('Address of the invitation')).toHaveCount(0);
  await picture(ana, 'joined');
  await ben.context().close();
});
