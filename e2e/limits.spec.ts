import { randomUUID } from 'node:crypto';
import type { APIRequestContext, Page } from '@playwright/test';
import { createCaller } from './stack/caller.ts';
import { startStack } from './stack/start-stack.ts';
import { expect, test } from './stack/test.ts';
import { api, composer, open, questions } from './ui/chat-page.ts';

const ACTIVE = 2;
/** A model that stays silent longer than a test lasts. */
const SILENT = 'synthetic/3x20@0?startDelayMs=600000';

test.use({
  stackOptions: [
    { env: { MAX_ACTIVE_STREAMS_PER_USER: String(ACTIVE), TRUST_PROXY: '1', DEMO_SPEED: '10' } },
    { scope: 'worker' },
  ],
});

let addresses = 0;
/** Gives each test a new network address, with the header that a proxy in front of the app would set. */
test.beforeEach(({ context }) => context.setExtraHTTPHeaders({ 'x-forwarded-for': `192.0.2.${++addresses}` }));

const startRequest = () => ({
  chatId: randomUUID(),
  messageId: randomUUID(),
  modelId: SILENT,
  messages: [{ role: 'user', content: 'Hello' }],
});

/** Starts as many answers as a person may have at a time. Resolves to the stream id of the last answer. */
async function startAll(page: Page): Promise<string> {
  let streamId = '';
  for (let i = 0; i < ACTIVE; i++) {
    const answer = await api(page, 'POST', '/api/stream/start', { data: startRequest() });
    expect(answer.status()).toBe(201);
    streamId = ((await answer.json()) as { streamId: string }).streamId;
  }
  return streamId;
}

async function expectRefusedInWords(page: Page): Promise<void> {
  await composer(page).fill('One more question');
  await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
  await expect(page.getByRole('alert')).toHaveText(
    `Too many answers are running. Stop one or wait. You can have ${ACTIVE} answers written at the same time.`,
  );
  await expect(composer(page)).toHaveValue('One more question');
}

test('a person with too many running answers is told so, keeps the typed text, and can send it when an answer has ended', async ({
  page,
}) => {
  await open(page);
  const streamId = await startAll(page);
  await expectRefusedInWords(page);
  await expect(questions(page)).toHaveCount(0);

  await api(page, 'DELETE', `/api/stream/cancel/${streamId}`);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(questions(page)).toHaveText([/One more question/]);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false });

  test('a person with too many running answers is told so, keeps the typed text, and can send it later', async ({
    page,
  }) => {
    await page.goto('/', { waitUntil: 'commit' });
    const streamId = await startAll(page);
    await expectRefusedInWords(page);
    await api(page, 'DELETE', `/api/stream/cancel/${streamId}`);
    await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
    await expect(questions(page)).toHaveText([/One more question/]);
  });
});

/** Sends a start request. If `request` has no cookie, the app creates a new guest. */
const startAsNewGuest = async (request: APIRequestContext, baseURL: string, forwarded?: string) => {
  const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const answer = await request.post(`${baseURL}/api/stream/start`, { data: startRequest(), headers });
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status(), code, retryAfter: answer.headers()['retry-after'] };
};

test('a guest over the limit is not helped by deleting the cookie, forging X-Forwarded-For, or another address in the same IPv6 /64', async ({
  stack,
  playwright,
}) => {
  const asNewGuest = async (forwarded: string) => {
    const nobody = await playwright.request.newContext();
    try {
      return await startAsNewGuest(nobody, stack.baseURL, forwarded);
    } finally {
      await nobody.dispose();
    }
  };
  for (let i = 0; i < ACTIVE; i++) expect((await asNewGuest('203.0.113.1')).status).toBe(201);
  const refused = { status: 429, code: 'too_many_streams', retryAfter: '5' };
  expect(await asNewGuest('203.0.113.1')).toEqual(refused);
  expect(await asNewGuest('198.51.100.7, 203.0.113.1')).toEqual(refused);
  expect((await asNewGuest('203.0.113.2')).status).toBe(201);
  // An IPv6 /64 counts as one address.
  for (let i = 0; i < ACTIVE; i++) expect((await asNewGuest(`2001:db8:0:1::${i}`)).status).toBe(201);
  expect(await asNewGuest('2001:db8:0:1:ffff::1')).toEqual(refused);
  expect((await asNewGuest('2001:db8:0:2::1')).status).toBe(201);
});

test('without TRUST_PROXY a request through a proxy is refused; if the server is full, the page tries again and keeps the text', async ({
  browser,
  playwright,
}) => {
  const stack = await startStack({ env: { MAX_STARTS_PER_MINUTE: '2', MAX_STREAMS: '3', DEMO_SPEED: '10' } });
  try {
    const codes: unknown[] = [];
    for (const forwarded of ['203.0.113.1', undefined, undefined, undefined]) {
      const nobody = await playwright.request.newContext();
      const { status, code } = await startAsNewGuest(nobody, stack.baseURL, forwarded);
      codes.push(code ?? status);
      await nobody.dispose();
    }
    expect(codes).toEqual(['untrusted_proxy', 201, 201, 'rate_limited']);

    // The address of the guests has used up its starts. A person with a token starts the third stream. Now MAX_STREAMS is reached.
    const caller = await createCaller(stack);
    const streamId = await caller.start({ modelId: SILENT });
    const context = await browser.newContext({ baseURL: stack.baseURL });
    const page = await context.newPage();
    await open(page);
    const refused = page.waitForResponse((response) => response.url().endsWith('/api/stream/start'));
    await composer(page).fill('Is there room?');
    await page.getByRole('button', { name: 'Send' }).click();
    expect((await refused).status()).toBe(503);
    // Now the server has room again. The page's next try is still refused, because guests at this address have started too many
    // answers.
    await caller.call('DELETE', `/api/stream/cancel/${streamId}`);
    await expect(page.getByRole('alert')).toContainText('Too many requests. Please wait a moment.');
    await expect(page.getByRole('alert')).toContainText('at your network address');
    await expect(composer(page)).toHaveValue('Is there room?');
    await context.close();
  } finally {
    await stack.stop();
  }
});
