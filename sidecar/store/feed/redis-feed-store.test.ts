import { afterAll, beforeAll, expect, test } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import { createRedisChatStore } from '../chats/redis-chat-store.ts';
import { saidStoreSuite } from '../chats/said/said-store.suite.ts';
import { chatKey, hereKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { RoomChat } from '../rooms/room-store.ts';
import { feedStoreSuite } from './feed-store.suite.ts';
import { createRedisFeedStore } from './redis-feed-store.ts';

let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.feed });
});
afterAll(() => redis.close());

feedStoreSuite('Redis', async () => ({
  feeds: createRedisFeedStore({ redis }),
  chats: createRedisChatStore({ redis, ttlMs: 60_000 }),
  async age({ ownerId, chatId }: RoomChat, ms) {
    const key = hereKey(ownerId, chatId);
    for (const entry of await redis.commands.zRange(key, 0, -1)) await redis.commands.zIncrBy(key, -ms, entry);
  },
}));
saidStoreSuite('Redis', async () => createRedisChatStore({ redis, ttlMs: 60_000 }));

test('the set of pages that are here expires, and `here` deletes the set once the room is gone', async () => {
  const feeds = createRedisFeedStore({ redis });
  const chat = { ownerId: randomId('user'), chatId: randomId('chat') };
  const key = hereKey(chat.ownerId, chat.chatId);
  await redis.commands.hSet(chatKey(chat.ownerId, chat.chatId), { createdAt: 'now', room: 'a'.repeat(26) });
  await feeds.here(chat, [{ what: 'stay', userId: chat.ownerId, tab: 't' }], 'mine');
  expect(await redis.commands.pTTL(key)).toBeGreaterThan(25_000);
  expect(await redis.commands.pTTL(key)).toBeLessThanOrEqual(50_000);
  await redis.commands.del(chatKey(chat.ownerId, chat.chatId));
  expect(await feeds.here(chat, [], 'mine')).toBeNull();
  expect(await redis.commands.exists(key)).toBe(0);
});

test('one call of `here` renews all pages of a room with few commands and without a ring', async () => {
  const feeds = createRedisFeedStore({ redis });
  const chat = { ownerId: randomId('user'), chatId: randomId('chat') };
  await redis.commands.hSet(chatKey(chat.ownerId, chat.chatId), { createdAt: 'now', room: 'a'.repeat(26) });
  const stays = Array.from({ length: 50 }, (_, i) => ({ what: 'stay', userId: chat.ownerId, tab: `t${i}` }) as const);
  await feeds.here(chat, stays, 'mine');
  const commands = async () => {
    const info = await redis.commands.info('commandstats');
    const of = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
    return ['evalsha', 'zrange', 'zadd', 'zrem', 'hmget', 'pexpire', 'time', 'spublish'].map(of);
  };
  const costOfOneCall = async () => {
    const before = await commands();
    await feeds.here(chat, stays, 'mine');
    const after = await commands();
    return after.map((calls, i) => calls - before[i]!);
  };
  // Other test files use the same server at the same time, so a measurement may be too high, but never too low.
  await expect.poll(costOfOneCall, { interval: 20, timeout: 10_000 }).toEqual([1, 1, 1, 0, 1, 1, 1, 0]);
});
