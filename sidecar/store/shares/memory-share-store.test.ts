import { TEMPORARY_MS } from '../chats/chat-store.ts';
import { createMemoryChatStore } from '../chats/memory-chat-store.ts';
import { createMemoryShareStore } from './memory-share-store.ts';
import { shareStoreSuite } from './share-store.suite.ts';

const TTL_MS = 7 * 24 * 3_600_000;

shareStoreSuite('Memory', () => {
  const chats = createMemoryChatStore({ ttlMs: TTL_MS, maxBytes: 1 << 20 });
  const shares = createMemoryShareStore({ find: chats.sharedChat, chatTtlMs: TTL_MS, temporaryMs: TEMPORARY_MS });
  return { shares, chats };
});
