import { chatStoreSuite } from './chat-store.suite.ts';
import { createMemoryChatStore } from './memory-chat-store.ts';

chatStoreSuite('Memory', async (settings) => createMemoryChatStore({ ...settings, maxBytes: 1024 * 1024 }));
