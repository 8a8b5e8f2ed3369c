import { onTestFinished, vi } from 'vitest';
import { createMemoryChatStore } from '../chats/memory-chat-store.ts';
import { saidStoreSuite } from '../chats/said/said-store.suite.ts';
import { feedStoreSuite } from './feed-store.suite.ts';
import { createMemoryBell } from './memory-bell.ts';
import { createMemoryFeedStore } from './memory-feed-store.ts';

feedStoreSuite('Memory', async () => {
  const bell = createMemoryBell();
  const chats = createMemoryChatStore({ ttlMs: 60_000_000, maxBytes: 1 << 24, bell });
  return {
    feeds: createMemoryFeedStore({ chats, bell }),
    chats,
    async age(_room, ms) {
      const now = Date.now() + ms;
      const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
      onTestFinished(() => clock.mockRestore());
    },
  };
});
saidStoreSuite('Memory', async () => createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 24 }));
