import { expect, test } from 'vitest';
import { chatQueueSuite } from './chat-queue.suite.ts';
import { chatStoreSuite } from './chat-store.suite.ts';
import { forkStoreSuite } from './forks/fork-store.suite.ts';
import { roomStoreSuite } from '../rooms/room-store.suite.ts';
import { createMemoryChatStore } from './memory-chat-store.ts';

chatStoreSuite('Memory', async (settings) => createMemoryChatStore({ ...settings, maxBytes: 1024 * 1024 }));
chatQueueSuite('Memory', async (settings) => createMemoryChatStore({ ...settings, maxBytes: 1024 * 1024 }));
roomStoreSuite('Memory', async (settings) => createMemoryChatStore({ ...settings, maxBytes: 1024 * 1024 }));
forkStoreSuite('Memory', async () => createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1024 * 1024 }));

test('above the limit, the least recently changed chats are deleted, but none in which an answer is being written', async () => {
  const store = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 10_000 });
  const ask = (userId: string, chatId: string) =>
    store.point({
      userId,
      chatId,
      seen: null,
      streamId: `s-${chatId}`,
      title: 'x'.repeat(1000),
      instructions: undefined,
      messages: [],
    });
  await ask('ann', 'running');
  for (let i = 0; i < 20; i++) {
    await ask('bob', `chat${i}`);
    await store.unpoint('bob', `chat${i}`, `s-chat${i}`);
  }
  const kept = (await store.list('bob', { before: null, limit: 100 })).chats.map(({ chatId }) => chatId);
  expect(kept.length).toBeGreaterThan(1);
  expect(kept.length).toBeLessThan(6);
  expect(kept).toContain('chat19');
  expect(kept).not.toContain('chat0');
  expect(await store.pointer('ann', 'running')).toBe('s-running');
});
