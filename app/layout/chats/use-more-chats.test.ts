import { expect, test } from 'vitest';
import type { ChatSummary } from '../../../shared/chat/chat.ts';
import { joined } from './use-more-chats.ts';

/** A page of chats with these ages in minutes. The id of a chat is `c` and its age. */
const page = (ages: number[], next: string | null) => ({ chats: ages.map((age) => chat(`c${age}`, age)), next });
const chat = (chatId: string, age: number) =>
  ({ chatId, updatedAt: new Date(Date.UTC(2026, 0, 1) - age * 60_000).toISOString() }) as ChatSummary;
const idsOf = ({ chats }: { chats: ChatSummary[] }) => chats.map(({ chatId }) => chatId).join(' ');

const loaded = page([10, 20, 30, 40], 'older');

test('loaded chats follow the first page, each chat once', () => {
  expect(joined(page([10, 20], 'next'), null)).toEqual(page([10, 20], 'next'));
  expect(joined(page([10, 20], 'next'), loaded)).toEqual(loaded);
});

test('chats that were pushed off the first page by new ones stay in the list', () => {
  expect(idsOf(joined(page([5, 10], 'next'), loaded))).toBe('c5 c10 c20 c30 c40');
  const changed = { chats: [chat('c30', 1), chat('c10', 10)], next: 'next' };
  expect(idsOf(joined(changed, loaded))).toBe('c30 c10 c20 c40');
});

test('a chat of the first page that was deleted elsewhere leaves the list', () => {
  expect(idsOf(joined(page([20, 30], 'next'), loaded))).toBe('c20 c30 c40');
  expect(joined(page([20], null), loaded)).toEqual(page([20], null));
});

test('if chats may be missing between the first page and the loaded chats, the list is only the first page', () => {
  expect(joined(page([1, 2], 'next'), loaded)).toEqual(page([1, 2], 'next'));
});
