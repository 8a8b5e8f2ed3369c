import { randomUUID } from 'node:crypto';
import type { APIResponse, Locator, Page } from '@playwright/test';
import { SCRIPTED } from './scripted-model.ts';
import { expect } from './test.ts';

/** The parts of a chat page that tests check, and the actions of a person there. */

export const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true });
export const questions = (page: Page): Locator => page.locator('.turn.question');
export const answers = (page: Page): Locator => page.locator('.turn:not(.question)');
export const lastAnswer = (page: Page): Locator => answers(page).last();
/** The text of the last answer, without buttons and notices. */
export const answerText = (page: Page): Locator => lastAnswer(page).locator('.answer');
export const connectionLine = (page: Page): Locator => page.locator('[data-connection]');
export const sidebar = (page: Page): Locator => page.getByRole('complementary', { name: 'Chats' });
/** The row of a chat in the sidebar, by title. */
export const chatRow = (page: Page, title: string): Locator => sidebar(page).locator('.chat-row', { hasText: title });

/** Opens a page and waits for hydration. Does not wait for iframes, which keep loading while an answer is written. */
export async function open(page: Page, path = '/'): Promise<void> {
  await page.goto(path, { waitUntil: 'commit' });
  await hydrated(page);
}

/** Waits until React has hydrated the page. From then on, scripts handle its buttons. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const main = document.querySelector('#main');
    return main !== null && Object.keys(main).some((key) => key.startsWith('__reactProps'));
  });
}

/** Shows the list of chats. On a phone it is a drawer that has to be opened. */
export async function showSidebar(page: Page): Promise<void> {
  const menu = page.getByRole('button', { name: 'Open the list of chats' });
  await expect(menu.or(sidebar(page)).first()).toBeVisible();
  if ((await menu.isVisible()) && !(await sidebar(page).isVisible())) await menu.click();
  await expect(sidebar(page)).toBeVisible();
}

/** Sends the text of the composer as a person does: on a touch screen with the button, otherwise with Enter. */
export async function send(page: Page): Promise<void> {
  if (await page.evaluate(() => matchMedia('(pointer: coarse)').matches)) await page.locator('#composer .send').tap();
  else await page.locator('#composer textarea').press('Enter');
}

export async function ask(page: Page, question: string): Promise<void> {
  await composer(page).fill(question);
  await send(page);
  // A new chat gets its URL when its first answer has been started.
  await expect(page).toHaveURL(/\/chat\//);
}

/** Sends a question with the button, as a person without scripts does, and waits until the page shows the question. */
export async function sendForm(page: Page, question: string): Promise<void> {
  await composer(page).fill(question);
  await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
  await expect(questions(page).last()).toContainText(question);
}

/** Waits until the last answer has ended. */
export async function ended(page: Page, timeout?: number): Promise<void> {
  await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'false', { timeout });
}

/** A question that no other test asks, so that each test finds its own request at the model. */
export const uniqueQuestion = (about: string): string => `${about} ${Math.random().toString(36).slice(2, 8)}`;

/** Plain words that all differ, so that a missing or repeated one is noticed. */
export const words = (count: number, first = 0): string =>
  Array.from({ length: count }, (_, index) => `word${first + index}`).join(' ');

/** Calls the API as this page's person. `origin`: where to send the request, for example to bypass a proxy. Default: the page's. */
export function api(
  page: Page,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { data, origin = new URL(page.url()).origin }: { data?: unknown; origin?: string } = {},
): Promise<APIResponse> {
  return page.request.fetch(origin + path, { method, data, headers: { origin } });
}

export const chatIdOf = (page: Page): string => new URL(page.url()).pathname.split('/')[2] ?? '';

/** Waits until no answer is being written for this person. Asks the server, because the page may not know yet. */
export async function nothingRuns(page: Page, origin?: string): Promise<void> {
  const active = async () => (await api(page, 'GET', '/api/stream/active', { origin })).json() as Promise<unknown>;
  await expect.poll(active).toEqual({ streams: [] });
}

/** Starts an answer as another device of this person would. Resolves to the chat's id. */
export async function startElsewhere(
  page: Page,
  question: string,
  { chatId = randomUUID() as string, modelId = `local/${SCRIPTED}` } = {},
): Promise<string> {
  const messages = [{ role: 'user', content: question }];
  const data = { chatId, messageId: randomUUID(), modelId, messages };
  const answer = await api(page, 'POST', '/api/stream/start', { data });
  expect(answer.status()).toBe(201);
  return chatId;
}
