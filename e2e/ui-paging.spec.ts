import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { PAGE_ENTRIES } from '../shared/chat/chat.ts';
import { answers, api, nothingRuns, open, questions, showSidebar, sidebar, startElsewhere } from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

/** A synthetic model that answers without delay. */
const QUICK = 'synthetic/2x20@0';

/** Makes a chat with `count` messages. The client sends all but the last one, which the model writes. */
async function longChat(page: Page, count: number): Promise<string> {
  const chatId = randomUUID();
  const messages = Array.from({ length: count - 1 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `Message ${index}.`,
  }));
  const data = { chatId, messageId: randomUUID(), modelId: QUICK, messages };
  expect((await api(page, 'POST', '/api/stream/start', { data })).status()).toBe(201);
  await nothingRuns(page);
  return chatId;
}

const texts = (page: Page) => page.locator('.turn.question .bubble').allTextContents();
/** The questions of a chat that `longChat(page, count)` made, from message `first` on. */
const questionsFrom = (first: number, count: number) =>
  Array.from({ length: count - 1 }, (_, index) => index)
    .filter((index) => index >= first && index % 2 === 0)
    .map((index) => `Message ${index}.`);

test('a long chat opens with its newest messages, and loads older ones when the reader scrolls up @phone', async ({
  page,
}) => {
  await page.goto('/settings');
  const count = 2 * PAGE_ENTRIES + 20;
  const chatId = await longChat(page, count);
  await open(page, `/chat/${chatId}`);
  expect(await questions(page).count()).toBeLessThanOrEqual(PAGE_ENTRIES / 2);
  // The first answer came with the client's request, so the page marks this answer as not written here.
  await expect(answers(page).first()).toContainText('not written here');
  await expect(answers(page).last()).not.toContainText('not written here');

  // The line that the reader looks at does not move when older messages are added above it.
  const line = questions(page)
    .getByText(`Message ${count - 40}.`)
    .first();
  await line.evaluate((element) => element.scrollIntoView({ block: 'start' }));
  const top = () => line.evaluate((element) => Math.round(element.getBoundingClientRect().top));
  const before = await top();
  const button = page.getByRole('button', { name: 'Older messages' });
  const page1 = page.waitForResponse(/\/api\/chats\/[^/]+\?before=/);
  await button.evaluate((element: HTMLElement) => element.click());
  await page1;
  await expect.poll(() => questions(page).count()).toBeGreaterThan(PAGE_ENTRIES / 2);
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);

  // The test scrolls up until all older messages are loaded. Then every question is shown exactly once.
  await expect(async () => {
    await page.locator('.thread-scroll').evaluate((box) => (box.scrollTop = 0));
    await expect(button).toBeHidden({ timeout: 300 });
  }).toPass();
  expect(await texts(page)).toEqual(questionsFrom(0, count));
});

test('a long list of chats loads more when the reader scrolls down; without JavaScript, links lead to older chats and messages', async ({
  page,
}) => {
  await page.goto('/settings');
  const first = 'The very first chat';
  await startElsewhere(page, first, { modelId: QUICK });
  for (let batch = 0; batch < 3; batch += 1) {
    const starts = Array.from({ length: 20 }, (_, index) =>
      startElsewhere(page, `Chat ${batch * 20 + index}`, { modelId: QUICK }),
    );
    await Promise.all(starts);
  }
  await open(page, '/settings');
  await showSidebar(page);
  await expect(page.locator('.chat-row')).toHaveCount(PAGE_ENTRIES);
  await expect(sidebar(page).getByText(first)).toHaveCount(0);
  await sidebar(page)
    .getByRole('navigation', { name: 'Chats' })
    .evaluate((list) => (list.scrollTop = list.scrollHeight));
  await expect(page.locator('.chat-row')).toHaveCount(61);
  await expect(sidebar(page).getByText(first)).toBeAttached();
  await expect(sidebar(page).getByRole('button', { name: 'Older' })).toHaveCount(0);

  const plain = await page
    .context()
    .browser()!
    .newContext({
      javaScriptEnabled: false,
      storageState: await page.context().storageState(),
      baseURL: new URL(page.url()).origin,
    });
  const noScript = await plain.newPage();
  await noScript.goto('/settings');
  await expect(noScript.locator('.chat-row')).toHaveCount(PAGE_ENTRIES);
  await sidebar(noScript).getByRole('link', { name: 'Older' }).click();
  await expect(noScript.locator('.chat-row')).toHaveCount(61 - PAGE_ENTRIES);
  await expect(sidebar(noScript).getByText(first)).toBeVisible();

  const count = PAGE_ENTRIES + 20;
  const chatId = await longChat(page, count);
  await noScript.goto(`/chat/${chatId}`);
  const shown = await texts(noScript);
  await noScript.getByRole('link', { name: 'Older messages' }).click();
  await expect(questions(noScript).first()).toContainText('Message 0.');
  expect([...(await texts(noScript)), ...shown]).toEqual(questionsFrom(0, count));
  await plain.close();
});
