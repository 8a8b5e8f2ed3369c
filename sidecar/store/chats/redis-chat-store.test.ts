import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import { chatStoreSuite } from './chat-store.suite.ts';
import { chatKey, userChatsKey } from '../redis/keys.ts';
import { createRedisChatStore } from './redis-chat-store.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.chatStore });
});
afterAll(() => redis.close());

chatStoreSuite('Redis', async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));

describe('in Redis', () => {
  test('a chat and its list expire, and pointing at a stream extends both', async () => {
    const TTL_MS = 60_000;
    const store = createRedisChatStore({ redis, ttlMs: TTL_MS });
    const [userId, chatId] = [randomId('user'), randomId('chat')];
    const point = (streamId: string, seen: string | null) =>
      store.point({ userId, chatId, seen, streamId, title: '', instructions: undefined, messages: [] });
    const keys = [chatKey(userId, chatId), userChatsKey(userId)];
    await point('s1', null);
    for (const key of keys) await redis.commands.pExpire(key, 1000);
    await point('s2', 's1');
    for (const key of keys) {
      const ttl = await redis.commands.pTTL(key);
      expect(ttl).toBeGreaterThan(TTL_MS - 5000);
      expect(ttl).toBeLessThanOrEqual(TTL_MS);
    }
  });

  test('the list forgets chats that have expired', async () => {
    const store = createRedisChatStore({ redis, ttlMs: 60_000 });
    const userId = randomId('user');
    for (const chatId of ['kept', 'expired'])
      await store.point({
        userId,
        chatId,
        seen: null,
        streamId: 's',
        title: '',
        instructions: undefined,
        messages: [],
      });
    await redis.commands.del(chatKey(userId, 'expired'));
    expect((await store.list(userId, { before: null, limit: 10 })).chats.map(({ chatId }) => chatId)).toEqual(['kept']);
    expect(await redis.commands.zRange(userChatsKey(userId), 0, -1)).toEqual(['kept']);
  });
});
