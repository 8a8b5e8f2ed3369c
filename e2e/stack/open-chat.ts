import type { Page } from '@playwright/test';
import type { StartAnswer } from '../../shared/stream.ts';
import { startBody } from './caller.ts';
import type { StartOptions } from './caller.ts';
import { expect } from './test.ts';
import type { Stack } from './start-stack.ts';

export interface OpenedChat {
  chatId: string;
  streamId: string;
  path: string;
}

/**
 * Starts an answer as the page's own script would, in the name of the browser's guest, and opens its chat: also with a
 * model that is not in the list to choose from.
 */
export async function openChat(page: Page, stack: Stack, options: StartOptions): Promise<OpenedChat> {
  const data = startBody(options);
  const response = await page.request.post('/api/stream/start', { data, headers: { origin: stack.baseURL } });
  expect(response.status()).toBe(201);
  const { streamId } = (await response.json()) as StartAnswer;
  const path = `/chat/${data.chatId}`;
  await page.goto(path, { waitUntil: 'domcontentloaded' });
  return { chatId: data.chatId, streamId, path };
}

/** Asks in a new chat as a person does, and resolves to the stream's id when the chat is there. */
export async function ask(page: Page, question: string): Promise<string> {
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  await page.getByRole('textbox', { name: 'Message' }).fill(question);
  const started = page.waitForResponse('**/api/stream/start');
  await page.getByRole('button', { name: 'Send' }).click();
  const { streamId } = (await (await started).json()) as StartAnswer;
  await page.waitForURL('**/chat/*');
  return streamId;
}

/** Errors that the page's scripts threw or wrote to the console, of whatever page it shows. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // What the browser says about the network is no error of a script.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  return errors;
}
