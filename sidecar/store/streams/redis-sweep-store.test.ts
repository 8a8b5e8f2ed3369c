import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { randomId, sampleStream } from '../../../testing/sample-stream.ts';
import { createRedisChatStore } from '../chats/redis-chat-store.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { createRedisStreamStore } from './redis-stream-store.ts';
import { createRedisSweepStore } from './redis-sweep-store.ts';
import { sweepStoreSuite } from './sweep-store.suite.ts';

let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.sweepStore });
});
beforeEach(async () => void (await redis.commands.flushDb()));
afterAll(() => redis.close());

const storeWith = (leaseMs: number) =>
  createRedisStreamStore({ redis, owner: randomId('owner'), leaseMs, ttlMs: 60_000 });

sweepStoreSuite('Redis', async () => ({ store: storeWith(60_000), sweep: createRedisSweepStore({ redis }) }));

describe('a sweep of Redis', () => {
  test('sees that a lease has run out', async () => {
    const sweep = createRedisSweepStore({ redis });
    const stream = sampleStream();
    await storeWith(1).create(stream);
    await vi.waitFor(async () => {
      for await (const batch of sweep.streams())
        expect(batch).toMatchObject([{ streamId: stream.streamId, status: 'active', isOwned: false }]);
    });
  });

  test('finds the chats that point at a stream, for any characters in user ids', async () => {
    const sweep = createRedisSweepStore({ redis });
    const chats = createRedisChatStore({ redis, ttlMs: 60_000 });
    const people = ['user_2abc', 'guest_a-b', 'auth0|5f.x', 'a@b.example'];
    for (const userId of people) {
      const pointing = { userId, seen: null, title: '', instructions: undefined, messages: [] };
      await chats.point({ ...pointing, chatId: 'running', streamId: `s-${userId}` });
      await chats.point({ ...pointing, chatId: 'settled', streamId: 's' });
      await chats.unpoint(userId, 'settled', 's');
    }
    const seen: unknown[] = [];
    for await (const batch of sweep.pointers()) seen.push(...batch);
    expect(seen).toHaveLength(people.length);
    for (const userId of people)
      expect(seen).toContainEqual({
        userId,
        chatId: 'running',
        streamId: `s-${userId}`,
        streamAt: expect.stringMatching(/^20\d\d-/),
      });
  });

  test('is held by one process at a time, and by another when the first is lost', async () => {
    const [one, other] = [createRedisSweepStore({ redis }), createRedisSweepStore({ redis })];
    expect(await one.lockSweep(60_000)).toBe(true);
    expect(await other.lockSweep(60_000)).toBe(false);
    await other.unlockSweep(); // not its own
    expect(await other.lockSweep(60_000)).toBe(false);
    await one.unlockSweep();
    expect(await other.lockSweep(30)).toBe(true);
    await vi.waitFor(async () => expect(await one.lockSweep(60_000)).toBe(true));
    await other.unlockSweep(); // no longer its own
    expect(await other.lockSweep(60_000)).toBe(false);
  });
});
