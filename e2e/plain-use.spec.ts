import type { Page } from '@playwright/test';
import { DEMO_ANSWER, DEMO_QUESTION, expect, test } from './stack/quick-demo.ts';
import { untilHydrated, watchErrors } from './stack/open-chat.ts';
import { HOOK_ANSWER, watchScreen } from './stack/screen.ts';
import { storedAnswer } from './stack/stored.ts';
import { countDeltas } from '../testing/whole-log.ts';

async function openPlain(page: Page, query: Record<string, string>): Promise<void> {
  await page.goto(`/plain?${new URLSearchParams(query)}`);
  await untilHydrated(page);
}

const DONE_WITHIN = { timeout: 40_000 };

test('two fetch calls, getReader() and a TextDecoder give the text, with emoji and CJK', async ({ page }) => {
  const errors = watchErrors(page);
  await openPlain(page, { question: DEMO_QUESTION });
  await page.getByRole('button', { name: 'Ask with fetch' }).click();
  await expect(page.getByTestId('fetch-status')).toHaveText('completed', DONE_WITHIN);
  expect(await page.getByTestId('fetch-text').textContent()).toBe(DEMO_ANSWER);
  expect(DEMO_ANSWER).toContain('日本語の文字も、中文也一样, 한국어도');
  expect(DEMO_ANSWER).toContain('👩‍💻 and 🏳️‍🌈');
  expect(errors).toEqual([]);
});

test('the hook in a minimal component gives the whole content and its deltas, and calls onComplete once, also after a reload', async ({
  page,
  stack,
}) => {
  const errors = watchErrors(page);
  const screen = await watchScreen(page, HOOK_ANSWER);
  const completed = page.getByTestId('hook-completed');
  const status = page.getByTestId('hook-status');
  await openPlain(page, { question: DEMO_QUESTION });
  await page.getByRole('button', { name: 'Ask with the hook' }).click();
  await expect(page.getByTestId('hook-stream')).not.toHaveText('none');
  const streamId = (await page.getByTestId('hook-stream').textContent())!;
  await screen.untilShown(500);
  await expect(completed).toHaveText('0');

  // The server renders nothing of the answer. The browser remembers only the id of the stream.
  await page.reload();
  await expect(status).toHaveText('completed', DONE_WITHIN);
  await expect(completed).toHaveText('1');
  await expect(page.getByTestId('hook-stream')).toHaveText(streamId);
  expect(await page.getByTestId('hook-text').textContent()).toBe(DEMO_ANSWER);
  expect(await page.getByTestId('hook-deltas').textContent()).toBe(DEMO_ANSWER);
  expect((await storedAnswer(stack, streamId)).text).toBe(DEMO_ANSWER);

  await page.reload();
  await expect(status).toHaveText('idle');
  await expect(completed).toHaveText('0');
  expect(errors).toEqual([]);
});

test('after a second question the hook shows the second answer, and it has called onComplete once for each answer', async ({
  page,
}) => {
  await openPlain(page, { model: 'synthetic/10x40@50' });
  const ask = page.getByRole('button', { name: 'Ask with the hook' });
  const streamId = page.getByTestId('hook-stream');
  await ask.click();
  await expect(page.getByTestId('hook-completed')).toHaveText('1', DONE_WITHIN);
  const first = { id: await streamId.textContent(), text: await page.getByTestId('hook-text').textContent() };
  await ask.click();
  await expect(page.getByTestId('hook-completed')).toHaveText('2', DONE_WITHIN);
  await expect(streamId).not.toHaveText(first.id!);
  const second = await page.getByTestId('hook-text').textContent();
  expect(second).not.toBe(first.text);
  expect([countDeltas(first.text!, 40), countDeltas(second!, 40)]).toEqual([10, 10]);
});

test('onError explains why the model failed, and the part that was written stays', async ({ page, stack }) => {
  await openPlain(page, { model: 'synthetic/40x40@50?failAt=20' });
  await page.getByRole('button', { name: 'Ask with the hook' }).click();
  await expect(page.getByTestId('hook-status')).toHaveText('error', DONE_WITHIN);
  await expect(page.getByRole('alert')).toHaveText('The synthetic model was told to fail after 20 chunks.');
  await expect(page.getByTestId('hook-completed')).toHaveText('0');
  const { text, status } = await storedAnswer(stack, (await page.getByTestId('hook-stream').textContent())!);
  expect(status).toBe('error');
  expect(countDeltas(text, 40)).toBe(20);
  expect(await page.getByTestId('hook-text').textContent()).toBe(text);
});

test('cancelStream ends the answer at its current text; onError and onComplete are not called', async ({
  page,
  stack,
}) => {
  const screen = await watchScreen(page, HOOK_ANSWER);
  await openPlain(page, { model: 'synthetic/4000x40@50' });
  await page.getByRole('button', { name: 'Ask with the hook' }).click();
  await screen.untilShown(400);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByTestId('hook-status')).toHaveText('cancelled', DONE_WITHIN);
  await expect(page.getByTestId('hook-completed')).toHaveText('0');
  await expect(page.getByRole('alert')).toBeEmpty();
  const { text, status } = await storedAnswer(stack, (await page.getByTestId('hook-stream').textContent())!);
  expect(status).toBe('cancelled');
  expect(await page.getByTestId('hook-text').textContent()).toBe(text);
  screen.expectSteady(text.trim());
});

test('an unknown model causes a readable error, and nothing else changes', async ({ page }) => {
  await openPlain(page, { model: 'gpt-99' });
  await page.getByRole('button', { name: 'Ask with the hook' }).click();
  await expect(page.getByRole('alert')).toContainText('This model does not exist.');
  await expect(page.getByTestId('hook-status')).toHaveText('idle');
});
