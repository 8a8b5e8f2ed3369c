// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import type { ChatSummary } from '../../../shared/chat/chat.ts';
import { useRunningChats, type ChatLists } from './use-running-chats.ts';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const lists = (status: 'active' | 'completed'): ChatLists => ({
  chats: [{ chatId: 'c', stream: { streamId: 's', status } } as unknown as ChatSummary],
  pinned: [],
  next: null,
});

test('each request for the list is sent only after the response to the previous request, even if the server is slow', async () => {
  vi.useFakeTimers();
  const responses: ((response: Response) => void)[] = [];
  const fetch = vi.fn(() => new Promise<Response>((resolve) => responses.push(resolve)));
  vi.stubGlobal('fetch', fetch);
  const rendered = lists('active');
  const shown = vi.fn<(lists: ChatLists) => void>();
  const List = () => {
    shown(useRunningChats(rendered, undefined));
    return null;
  };
  const root = createRoot(document.createElement('div'));
  act(() => root.render(<List />));
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

  await pass(10_000);
  expect(fetch).toHaveBeenCalledTimes(1);
  responses[0]!(new Response('', { status: 500 }));
  await pass(3_000);
  expect(fetch).toHaveBeenCalledTimes(2);
  responses[1]!(Response.json(lists('completed')));
  await pass(100);
  expect(shown).toHaveBeenLastCalledWith(lists('completed'));
  await pass(10_000);
  expect(fetch).toHaveBeenCalledTimes(2);
  act(() => root.unmount());
});
