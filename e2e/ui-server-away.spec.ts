import type { Page } from '@playwright/test';
import { answerText, ask, chatRow, composer, ended, open, startElsewhere, uniqueQuestion } from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

/** Fires the event `focus`, upon which the page loads its data again. */
const lookAgain = (page: Page) => page.evaluate(() => dispatchEvent(new Event('focus')));

test('the page stays readable while the network is away, and is updated once the network is back', async ({
  page,
  context,
  stack,
  model,
  network,
}) => {
  await open(page, `http://127.0.0.1:${network.port}/`);
  const question = uniqueQuestion('network away');
  await ask(page, question);
  (await model.asked(question)).reply('To be read on.');
  await ended(page);
  await composer(page).fill('a draft');

  network.refuse();
  network.cut();
  const failed = page.waitForEvent('requestfailed');
  await lookAgain(page);
  await failed;
  await expect(answerText(page)).toHaveText('To be read on.');
  await expect(composer(page)).toHaveValue('a draft');

  const past = await context.newPage();
  await open(past, `${stack.baseURL}/`);
  const elsewhere = uniqueQuestion('meanwhile');
  await startElsewhere(past, elsewhere);
  (await model.asked(elsewhere)).reply('Yes.');
  await past.close();
  network.accept();
  await expect(chatRow(page, elsewhere)).toBeVisible();
  await expect(answerText(page)).toHaveText('To be read on.');
  await expect(composer(page)).toHaveValue('a draft');
});

test('if loading an update fails, the page requests the update again, and keeps its text and the draft', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('lost news');
  await ask(page, question);
  (await model.asked(question)).reply('To be read on.');
  await ended(page);
  await composer(page).fill('a draft');

  let asked = 0;
  await page.route(/\/chat\/[^/]+\.data/, (route) => {
    asked += 1;
    if (asked === 1) return route.abort('connectionreset');
    if (asked === 2) return route.fulfill({ status: 502, body: 'Bad Gateway' });
    return route.continue();
  });
  await lookAgain(page);
  await expect.poll(() => asked).toBeGreaterThanOrEqual(3);
  await expect(answerText(page)).toHaveText('To be read on.');
  await expect(composer(page)).toHaveValue('a draft');
});

test('the page stays readable while the sidecar is away, and the next question is answered once the sidecar is back', async ({
  page,
  stack,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('sidecar away');
  await ask(page, question);
  (await model.asked(question)).reply('To be read on.');
  await ended(page);
  await expect(answerText(page)).toHaveText('To be read on.');

  await stack.sidecars[0]!.kill();
  const refused = page.waitForResponse((response) => response.status() === 502);
  await lookAgain(page);
  await refused;
  await expect(answerText(page)).toHaveText('To be read on.');
  await stack.sidecars[0]!.restart();
  await ask(page, 'and then?');
  (await model.asked('and then?')).reply('Then this.');
  await expect(answerText(page)).toHaveText('Then this.');
  await ended(page);
});

test('a link clicked while the sidecar is away shows a message, and the linked page opens once the sidecar is back', async ({
  page,
  stack,
}) => {
  await open(page);
  await stack.sidecars[0]!.kill();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('Can’t reach the server. Trying again…')).toBeVisible({ timeout: 20_000 });
  await expect(composer(page)).toBeVisible();
  await stack.sidecars[0]!.restart();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('Can’t reach the server')).toBeHidden();
});
