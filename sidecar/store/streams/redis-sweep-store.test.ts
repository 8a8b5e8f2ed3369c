import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { randomId, sampleStream } from '../../../testing/sample-stream.ts';
import { createRedisChatStore } from '../chats/redis-chat-store.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { createRedisStreamStore } from './redis-stream-store.ts';
import type { SweptPart } from './sweep-store.ts';
import { createRedisSweepStore } from './redis-sweep-store.ts';
import { sweepStoreSuite, walkAll } from './sweep-store.suite.ts';

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
      const { streams } = await walkAll(sweep);
      expect(streams).toMatchObject([{ streamId: stream.streamId, status: 'active', isOwned: false }]);
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
    const seen = (await walkAll(sweep)).pointers;
    expect(seen).toHaveLength(people.length);
    for (const userId of people)
      expect(seen).toContainEqual({
        userId,
        chatId: 'running',
        streamId: `s-${userId}`,
        streamAt: expect.stringMatching(/^20\d\d-/),
      });
  });

  test('is continued by another process from the place that the first process noted', async () => {
    const streams = Array.from({ length: 700 }, () => sampleStream());
    await Promise.all(streams.map((stream) => storeWith(60_000).create(stream)));
    const [one, other] = [createRedisSweepStore({ redis }), createRedisSweepStore({ redis })];
    const first = await one.walk(null);
    await one.notePlace(first.next!, 60_000);
    const seen = first.streams.map(({ streamId }) => streamId);
    for (let at: string | null = await other.place(); at !== null;) {
      const part: SweptPart = await other.walk(at);
      seen.push(...part.streams.map(({ streamId }) => streamId));
      at = part.next;
    }
    expect(new Set(seen)).toEqual(new Set(streams.map(({ streamId }) => streamId)));
    expect(seen.length).toBeLessThan(1.2 * streams.length); // the sweep did not begin again
  });

  test('is done by one process at a time, and by another one when the lock of the first expires', async () => {
    const [one, other] = [createRedisSweepStore({ redis }), createRedisSweepStore({ redis })];
    expect(await one.lockSweep(60_000)).toBe(true);
    expect(await other.lockSweep(60_000)).toBe(false);
    await other.unlockSweep(); // no effect: `one` has the lock
    expect(await other.lockSweep(60_000)).toBe(false);
    await one.unlockSweep();
    expect(await other.lockSweep(30)).toBe(true);
    await vi.waitFor(async () => expect(await one.lockSweep(60_000)).toBe(true));
    expect([await one.keepLock(60_000), await other.keepLock(60_000)]).toEqual([true, false]);
    await other.unlockSweep(); // no effect: `one` has the lock now
    expect(await other.lockSweep(60_000)).toBe(false);
  });
});
