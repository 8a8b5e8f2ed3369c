import type { Page } from '@playwright/test';
import { chatListSchema } from '../../shared/chat/chat.ts';
import type { StartAnswer } from '../../shared/stream/stream.ts';
import { startBody, type StartOptions } from './caller.ts';
import { expect } from './test.ts';
import type { Stack } from './start-stack.ts';

export interface OpenedChat {
  chatId: string;
  streamId: string;
  path: string;
}

/**
 * Starts an answer with the request that the page's script would send, and opens the chat of the answer. The request has the
 * browser's cookies. `options` may name a model that the page does not offer.
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
 * Asks a question in a new chat, without waiting until the page is hydrated. The guest must have no other chat. Resolves to the
 * stream's id when the chat is shown and the stream is created.
 */
export async function ask(page: Page, question: string): Promise<string> {
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  await page.getByRole('textbox', { name: 'Message' }).fill(question);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL('**/chat/*');
  let streamId = '';
  // The chat is shown before its first stream is created.
  await expect(async () => {
    const { chats } = chatListSchema.parse(await (await page.request.get('/api/chats')).json());
    expect(chats).toMatchObject([{ stream: { streamId: expect.any(String) } }]);
    streamId = chats[0]!.stream!.streamId;
  }).toPass({ intervals: [50, 100] });
  return streamId;
}

/** Waits until React has hydrated the page. Before that, a button without a form does nothing. */
export async function untilHydrated(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__reactFiber')),
  );
}

/** Collects errors that the page's scripts throw or write to the console. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // The browser's own messages about the network are not errors of a script.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  return errors;
}
