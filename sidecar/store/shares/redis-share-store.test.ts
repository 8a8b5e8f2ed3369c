import { afterAll, beforeAll, expect, test } from 'vitest';
import { optionsOf } from '../../../shared/chat/share-options.ts';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { createRedisChatStore } from '../chats/redis-chat-store.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { createRedisShareStore } from './redis-share-store.ts';
import { shareStoreSuite } from './share-store.suite.ts';
import type { StoredShare } from './share-store.ts';

const TTL_MS = 7 * 24 * 3_600_000;
let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.shares });
  await redis.commands.flushDb();
});
afterAll(() => redis.close());

const stores = () => ({
  shares: createRedisShareStore({ redis, chatTtlMs: TTL_MS }),
  chats: createRedisChatStore({ redis, ttlMs: TTL_MS }),
});
shareStoreSuite('Redis', stores);

test('Redis: every key expires with the page, and the chat lives at least as long', async () => {
  const { shares, chats } = stores();
  const [userId, chatId, shareId] = ['ann', 'c1', 'x'.repeat(43)];
  await chats.point({ userId, chatId, seen: null, streamId: 's', title: 'T', instructions: undefined, messages: [] });
  await redis.commands.pExpire('chat:ann:c1', 5000);
  const at = '2026-01-01T00:00:00.000Z';
  const definition = {
    mode: 'live' as const,
    leaf: null,
    revision: 1,
    title: null,
    createdAt: at,
    updatedAt: at,
    bytes: 0,
    shows: optionsOf({}),
  };
  const expiresInMs = 2 * 24 * 3_600_000;
  const share = { shareId, ownerId: userId, chatId, definition, expiresInMs, page: null };
  const { expiresAtMs } = (await shares.create(share, { maxShares: 0 })) as StoredShare;
  const lives = (key: string) => redis.commands.pTTL(key);
  for (const key of [`share:${shareId}`, 'user_shares:ann'])
    expect(Math.abs((await lives(key)) - (expiresAtMs - Date.now()))).toBeLessThan(60_000);
  expect(await lives('chat:ann:c1')).toBeGreaterThan(TTL_MS - 60_000);
  // If `share:<id>` expires before the chat's field for the page is removed, the page has ended.
  await redis.commands.del(`share:${shareId}`);
  expect(await shares.get(shareId)).toBeNull();
});
