import { beforeEach, expect, test } from 'vitest';
import type { Chat } from '../../shared/chat/chat.ts';
import { forgetChat, forgetChats, keepChat, keptPage } from './kept-chats.ts';

const ROUTE = 'routes/_chat.chat.$chatId';
const chat = (title: string) => ({ title }) as Chat;
/** The URL from which Remix loads the data of a chat's page. `routes`: the ids of the routes whose data it loads. */
const request = (path: string, routes = ROUTE) => {
  const url = new URL(path, 'http://app.test');
  url.pathname += '.data';
  url.searchParams.set('_routes', routes);
  return url;
};
const titleOf = (path: string) =>
  (keptPage(request(path)) as { [ROUTE]: { data: { chat: Chat } } } | null)?.[ROUTE].data.chat.title;

beforeEach(forgetChats);

test('a chat is kept as it was last read, and each version of the chat is kept separately', () => {
  keepChat('/chat/a', { chat: chat('before'), isShared: false });
  keepChat('/chat/a', { chat: chat('after'), isShared: false });
  keepChat('/chat/a?leaf=m1', { chat: chat('version'), isShared: false });
  expect([titleOf('/chat/a'), titleOf('/chat/a?leaf=m1'), titleOf('/chat/a?leaf=m2')]).toEqual([
    'after',
    'version',
    undefined,
  ]);
  forgetChat('/chat/a');
  expect([titleOf('/chat/a'), titleOf('/chat/a?leaf=m1')]).toEqual([undefined, undefined]);
});

test('a request that also wants the data of the layout gets nothing that was kept', () => {
  keepChat('/chat/a', { chat: chat('a'), isShared: false });
  expect(keptPage(request('/chat/a', `root,routes/_chat,${ROUTE}`))).toBeNull();
  expect(keptPage(new URL('http://app.test/chat/a.data'))).toBeNull();
});

test('only the last twelve chats are kept, or fewer if they are large', () => {
  for (let i = 1; i <= 13; i += 1) keepChat(`/chat/${i}`, { chat: chat(String(i)), isShared: false });
  expect([titleOf('/chat/1'), titleOf('/chat/2'), titleOf('/chat/13')]).toEqual([undefined, '2', '13']);
  const large = 'x'.repeat(1_900_000);
  for (const id of ['a', 'b', 'c']) keepChat(`/chat/${id}`, { chat: chat(large), isShared: false });
  expect(['13', 'a', 'b', 'c'].map((id) => titleOf(`/chat/${id}`) !== undefined)).toEqual([false, false, true, true]);
  keepChat('/chat/c', { chat: chat('x'.repeat(4_000_000)), isShared: false });
  expect(titleOf('/chat/c')).toBeUndefined();
});
