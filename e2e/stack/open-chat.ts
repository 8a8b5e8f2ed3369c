import type { Page } from '@playwright/test';
import { chatListSchema } from '../../shared/chat.ts';
import type { StartAnswer } from '../../shared/stream.ts';
import { startBody, type StartOptions } from './caller.ts';
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

/**
 * Asks in this guest's first chat as a person does, who does not wait for the page's script, and resolves to the
 * stream's id when the chat is there.
 */
export async function ask(page: Page, question: string): Promise<string> {
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  await page.getByRole('textbox', { name: 'Message' }).fill(question);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL('**/chat/*');
  const { chats } = chatListSchema.parse(await (await page.request.get('/api/chats')).json());
  expect(chats).toHaveLength(1);
  return chats[0]!.stream!.streamId;
}

/** Waits until React has taken over what the server rendered: before that a button without a form does nothing. */
export async function untilHydrated(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__reactFiber')),
  );
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
