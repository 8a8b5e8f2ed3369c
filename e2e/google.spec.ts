import type { Page } from '@playwright/test';
import { LLMock } from '@copilotkit/aimock';
import { expect, test as base } from './stack/test.ts';
import { ask, watchErrors } from './stack/open-chat.ts';
import { watchScreen } from './stack/screen.ts';
import { storedAnswer } from './stack/stored.ts';

/** `test` with a stack that calls a test server instead of Gemini. The server speaks Gemini's protocol. */
const test = base.extend<object, { gemini: LLMock }>({
  gemini: [
    async ({}, use) => {
      const gemini = new LLMock({ port: 0, logLevel: 'silent' });
      await gemini.start();
      await use(gemini);
      await gemini.stop();
    },
    { scope: 'worker' },
  ],
  stackOptions: [
    ({ gemini }, use) =>
      use({ env: { GOOGLE_GENERATIVE_AI_API_KEY: 'test', GOOGLE_BASE_URL: `${gemini.url}/v1beta` } }),
    { scope: 'worker' },
  ],
});

/** The test server sends this text in pieces of six UTF-16 code units, so that some emoji are cut in two. */
const TEXT = 'Hello wörld, 日本語の文字, 中文, 한국어 and 👩‍💻. '.repeat(8).trim();
const LONG = 'The quick brown fox jumps over the lazy dog. '.repeat(8);
const THOUGHTS = 'A greeting in many scripts. Let me answer in kind.';

test.afterEach(({ gemini }) => void gemini.reset());

test('text and reasoning of Gemini are shown unchanged, also after a reload', async ({ page, stack, gemini }) => {
  gemini.onMessage('greet', { content: TEXT, reasoning: THOUGHTS }, { chunkSize: 6, latency: 40 });
  const errors = watchErrors(page);
  const screen = await watchScreen(page);
  const streamId = await ask(page, 'Please greet the world.');
  await screen.untilShown(100);
  await screen.reload();

  const { text, status, message } = await storedAnswer(stack, streamId);
  expect(status).toBe('completed');
  expect(text).toBe(TEXT);
  expect(message.parts.find(({ type }) => type === 'reasoning')?.text).toBe(THOUGHTS);
  await expect.poll(screen.text).toBe(TEXT);
  screen.expectSteady(TEXT);
  await page.getByText('Thought').first().click();
  await expect(page.getByText(THOUGHTS)).toBeVisible();
  expect(gemini.getRequests()).toHaveLength(1);
  expect(gemini.getLastRequest()!.path).toContain('gemini-3.5-flash:streamGenerateContent');
  expect(errors).toEqual([]);
});

const messages = (page: Page) => page.getByRole('list', { name: 'Messages' });

test('an error before the first token is explained, and asking again works', async ({ page, stack, gemini }) => {
  gemini.onMessage('greet', { error: { message: 'API key not valid.' }, status: 403 });
  const streamId = await ask(page, 'Please greet the world.');
  await expect(messages(page).getByText('Google did not accept the API key.')).toBeVisible();
  const { text, status, errorText } = await storedAnswer(stack, streamId);
  expect({ text, status }).toEqual({ text: '', status: 'error' });
  expect(errorText).toContain('Google did not accept the API key.');

  gemini.reset().onMessage('greet', { content: TEXT });
  await page.getByRole('button', { name: 'Try this model' }).click();
  await expect(page.locator('.answer').last()).toHaveText(TEXT);
});

test('a connection that breaks in the middle is explained, and the part that arrived is kept', async ({
  page,
  stack,
  gemini,
}) => {
  gemini.onMessage('greet', { content: LONG }, { chunkSize: 6, latency: 10, truncateAfterChunks: 20 });
  const screen = await watchScreen(page);
  const streamId = await ask(page, 'Please greet the world.');
  const told = messages(page).getByText('The connection to Google was lost before the answer was complete.');
  await expect(told).toBeVisible();
  const { text, status } = await storedAnswer(stack, streamId);
  expect(status).toBe('error');
  expect(text.length).toBeGreaterThan(10 * 6);
  expect(LONG.startsWith(text)).toBe(true);
  // The page may show the explanation one animation frame before the last words of the answer.
  await expect.poll(screen.text).toBe(text.trim());

  expect(await screen.reload()).toBe(text.trim());
  await expect(told).toBeVisible();
  screen.expectSteady(text.trim());
});
