import { createHmac } from 'node:crypto';
import { startStack } from './stack/start-stack.ts';
import { createClerkInstance, serveClerkScript, setSession, type ClerkInstance, type Session } from './ui/clerk.ts';
import {
  answerText,
  api,
  ask,
  chatIdOf,
  chatRow,
  composer,
  connectionLine,
  ended,
  lastAnswer,
  open,
  questions,
  sidebar,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { watchReaders } from './ui/open-readers.ts';
import { expectOnlyGrowth, framesOf, recordFrames } from './ui/recorded-frames.ts';
import { expect, test as base } from './ui/test.ts';

/** In this file's stack, people sign in with Clerk, and a reader has to authenticate again after two seconds. */
const test = base.extend<{ alice: Session }, { clerk: ClerkInstance }>({
  clerk: [async ({}, use) => use(createClerkInstance()), { scope: 'worker' }],
  stackEnv: [async ({ clerk }, use) => use({ ...clerk.env, READER_MAX_MS: '2000' }), { scope: 'worker' }],
  alice: async ({ stack }, use) => use({ userId: 'user_alice', origin: stack.baseURL }),
});

test.describe('a person who is signed in', () => {
  test.beforeEach(async ({ context, clerk, alice }) => setSession(context, await clerk.token(alice)));

  test('sees their own chats, and nobody else’s', async ({ page, browser, stack, clerk, alice, model }) => {
    await open(page);
    const question = uniqueQuestion('mine');
    await ask(page, question);
    (await model.asked(question)).reply('Yours.');
    await expect(answerText(page)).toHaveText('Yours.');
    await ended(page);

    const other = await browser.newContext({ baseURL: stack.baseURL });
    await setSession(other, await clerk.token({ ...alice, userId: 'user_bob' }));
    const theirs = await other.newPage();
    await open(theirs, `/chat/${chatIdOf(page)}`);
    await expect(theirs.getByRole('heading', { name: 'Chat not found' })).toBeVisible();
    await expect(theirs.locator('.chat-row')).toHaveCount(0);
    const refused = await api(theirs, 'GET', `/api/chats/${chatIdOf(page)}`);
    const unknown = await api(theirs, 'GET', '/api/chats/never-was');
    expect(refused.status()).toBe(404);
    expect(await refused.json()).toEqual(await unknown.json());
    await other.close();
  });

  test('finds Clerk’s account button in the sidebar', async ({ page, clerk, alice }) => {
    await serveClerkScript(page, () => clerk.token(alice));
    await open(page);
    await expect(sidebar(page).getByText('Account')).toBeVisible();
  });

  test('can read a running answer on a second device, and can stop the answer there', async ({
    page,
    browser,
    stack,
    clerk,
    alice,
    model,
  }) => {
    const device = await browser.newContext({ baseURL: stack.baseURL });
    await setSession(device, await clerk.token(alice));
    const other = await device.newPage();
    for (const screen of [page, other]) {
      await recordFrames(screen);
      await open(screen);
    }
    const question = uniqueQuestion('devices');
    await ask(page, question);
    const answer = await model.asked(question);
    answer.write(words(20));
    await expect(answerText(page)).toHaveText(words(20));

    // The other device learns of the chat when its window gets the focus.
    await expect(chatRow(other, question)).toHaveCount(0);
    await other.evaluate(() => dispatchEvent(new Event('focus')));
    await chatRow(other, question).getByRole('link').first().click();
    await expect(answerText(other)).toHaveText(words(20));
    answer.write(` ${words(20, 20)}`);
    for (const screen of [page, other]) await expect(answerText(screen)).toHaveText(words(40));
    await other.getByRole('button', { name: 'Stop the answer' }).click();
    for (const screen of [page, other]) {
      await expect(lastAnswer(screen).getByText('Stopped.').first()).toBeVisible();
      await expect(answerText(screen)).toHaveText(words(40));
      expectOnlyGrowth(await framesOf(screen), { whole: words(40) });
    }
    await device.close();
  });

  test('has their session checked again while an answer is written, and sees no interruption', async ({
    page,
    model,
  }) => {
    await recordFrames(page);
    const readers = watchReaders(page);
    await open(page);
    const question = uniqueQuestion('again');
    await ask(page, question);
    const answer = await model.asked(question);
    const whole = words(150);
    await answer.pour(whole, { piecesPerSecond: 50, pieceChars: 5 });
    answer.end();
    await expect(answerText(page)).toHaveText(whole);
    expect(readers.asked.filter((what) => what === 'resume').length).toBeGreaterThan(1);
    expectOnlyGrowth(await framesOf(page), { whole });
    await expect(page.getByRole('alert')).toHaveCount(0);
  });

  test('whose session has expired gets a new one, and can go on reading and asking', async ({
    page,
    context,
    clerk,
    alice,
    model,
  }) => {
    let renewed = 0;
    await serveClerkScript(page, () => {
      renewed += 1;
      return clerk.token(alice);
    });
    await recordFrames(page);
    await open(page);
    const question = uniqueQuestion('lapsed');
    await ask(page, question);
    const answer = await model.asked(question);
    answer.write(words(20));
    await expect(answerText(page)).toHaveText(words(20));
    await setSession(context, await clerk.lapsedToken(alice));
    // The next connection, at most two seconds later, is refused.
    await page.waitForResponse((response) => response.url().includes('/resume/') && response.status() === 401);
    answer.write(` ${words(20, 20)}`);
    await expect(answerText(page)).toHaveText(words(40));
    expect(renewed).toBeGreaterThan(0);

    // A question that is sent with an expired session is sent again with a new session.
    const nextData = () => page.waitForResponse((response) => new URL(response.url()).pathname.endsWith('.data'));
    const seen = nextData();
    answer.end();
    await ended(page);
    await seen;
    await setSession(context, await clerk.lapsedToken(alice));
    await ask(page, 'and more?');
    const more = await model.asked('and more?');
    more.write('And more.');
    await expect(answerText(page)).toHaveText('And more.');
    await expect(page.getByRole('alert')).toHaveCount(0);
    const seenMore = nextData();
    more.end();
    await ended(page);
    await seenMore;

    // A tab whose session has expired still loads its data when it gets the focus, and is not redirected to the sign-in page.
    await setSession(context, await clerk.lapsedToken(alice));
    const fresh = nextData();
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    expect((await fresh).status()).toBe(200);
    await expect(answerText(page)).toHaveText('And more.');
  });

  test('whose session has expired while Clerk cannot be reached continues once there is a new session', async ({
    page,
    context,
    clerk,
    alice,
    model,
  }) => {
    await page.route(`${clerk.issuer}/**`, (route) => route.abort());
    await open(page);
    const question = uniqueQuestion('no clerk');
    await ask(page, question);
    const answer = await model.asked(question);
    answer.write(words(20));
    await expect(answerText(page)).toHaveText(words(20));
    await setSession(context, await clerk.lapsedToken(alice));
    await page.waitForResponse((response) => response.url().includes('/resume/') && response.status() === 401);
    await expect(connectionLine(page)).toHaveAttribute('data-connection', 'reconnecting', { timeout: 15_000 });
    // The person gets a new session, for example in another tab.
    await setSession(context, await clerk.token(alice));
    answer.write(` ${words(20, 20)}`);
    await expect(answerText(page)).toHaveText(words(40), { timeout: 20_000 });
    answer.end();
    await ended(page);
  });
});

test('a person who is not signed in is redirected to the sign-in page, with the address to return to, and may not use the API', async ({
  page,
  context,
  clerk,
}) => {
  await setSession(context, null);
  const script = page.waitForRequest((request) => request.url().startsWith(clerk.issuer));
  await page.goto('/chat/some-chat?leaf=x');
  await expect(page).toHaveURL(/\/sign-in\?redirect_url=%2Fchat%2Fsome-chat%3Fleaf%3Dx$/);
  expect((await script).resourceType()).toBe('script');
  const answer = await api(page, 'GET', '/api/chats');
  expect(answer.status()).toBe(401);
  expect(await answer.json()).toMatchObject({ code: 'unauthorized' });
});

test('invalid session tokens are refused, as a cookie and as a Bearer token', async ({ request, clerk, alice }) => {
  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const valid = await clerk.token(alice);
  const [head, body, signature] = valid.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  const confused = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${body}`;
  const tokens = {
    expired: await clerk.lapsedToken(alice),
    forged: `${head}.${base64url({ ...claims, sub: 'user_bob' })}.${signature}`,
    'of another key': await clerk.token(alice, {}, clerk.foreignKey),
    'without a signature': `${base64url({ alg: 'none', typ: 'JWT' })}.${body}.`,
    'signed with the public key': `${confused}.${createHmac('sha256', clerk.env.CLERK_JWT_KEY!).update(confused).digest('base64url')}`,
    'for another site': await clerk.token(alice, { azp: 'https://evil.example' }),
    'without a session': await clerk.token(alice, { sid: undefined }),
  };
  const statusOf = async (token: string) => {
    const uat = Math.floor(Date.now() / 1000) - 3600;
    const cookie = `__session=${token}; __client_uat=${uat}; __clerk_db_jwt=x`;
    const ways: Record<string, string>[] = [{ authorization: `Bearer ${token}` }, { cookie }];
    const answers = ways.map((headers) => request.get('/api/stream/active', { headers }));
    return (await Promise.all(answers)).map((answer) => answer.status());
  };
  expect(await statusOf(valid)).toEqual([200, 200]);
  for (const [name, token] of Object.entries(tokens)) expect(await statusOf(token), name).toEqual([401, 401]);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a question that is sent with an expired session is in the field again after the session was renewed', async ({
    page,
    context,
    clerk,
    alice,
  }) => {
    await setSession(context, await clerk.token(alice));
    await page.goto('/');
    const question = uniqueQuestion('kept');
    await composer(page).fill(question);
    await setSession(context, await clerk.lapsedToken(alice));
    // The app redirects to Clerk, which would renew the session and redirect back. Here, Clerk cannot be reached.
    // So the test itself sets a new session and opens the address to return to.
    const handshake = page.waitForRequest((request) => request.url().startsWith(clerk.issuer));
    await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
    const back = new URL((await handshake).url()).searchParams.get('redirect_url')!;
    await setSession(context, await clerk.token(alice));
    // Clerk cannot be reached, so the browser may still be loading its own error page, which makes `goto` fail.
    await expect(() => page.goto(back)).toPass();
    await expect(composer(page)).toHaveValue(question);
    await expect(questions(page)).toHaveCount(0);
  });

  test('the sign-in page says that it needs JavaScript', async ({ page, context }) => {
    await setSession(context, null);
    await page.goto('/sign-in');
    await expect(page.getByRole('main').locator('noscript')).toContainText('Signing in needs JavaScript.', {
      useInnerText: true,
    });
    await expect(page.getByText('Loading')).toBeHidden();
  });
});

test('with settings that would let in strangers or nobody, the app does not start and names the setting', async () => {
  const start = (env: Record<string, string>) => startStack({ redis: false, env });
  await expect(start({ CLERK_SECRET_KEY: 'sk_test_x' })).rejects.toThrow('CLERK_SECRET_KEY is set without');
  await expect(start({ HOST: '0.0.0.0' })).rejects.toThrow('ALLOW_GUESTS=1');
});
