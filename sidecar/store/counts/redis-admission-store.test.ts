import { afterAll, beforeAll, expect, test } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { admissionStoreSuite } from './admission-store.suite.ts';
import { keySlot } from '../redis/key-slot.ts';
import { addressStreamsKey, startsKey, userStreamsKey } from '../redis/keys.ts';
import { createRedisAdmissionStore } from './redis-admission-store.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.admission });
  await redis.commands.flushDb();
});
afterAll(() => redis.close());

admissionStoreSuite('Redis', () => createRedisAdmissionStore({ redis }));

test.each(['user_2abc', 'guest_a-b', 'auth0|5f.x', 'a@b.example'])(
  'Redis: all keys that count the streams of %s are in one slot of a Cluster',
  (name) => {
    for (const key of [userStreamsKey(name), addressStreamsKey(name)])
      expect(keySlot(startsKey(key))).toBe(keySlot(key));
  },
);

test('Redis: all keys expire, except the set of a person’s streams, which is removed when it is empty', async () => {
  await redis.commands.flushDb();
  const store = createRedisAdmissionStore({ redis });
  const limits = { maxActive: 2, maxStarts: 3, windowMs: 60_000, startingMs: 1000, ended: [] };
  await store.admit({ subject: { userId: 'ann' }, streamId: 's1', ...limits });
  await store.admit({ subject: { address: 'somewhere' }, streamId: 's1', ...limits });
  const ttls = new Map<string, number>();
  for (const key of await redis.commands.keys('*')) ttls.set(key, await redis.commands.pTTL(key));
  expect(Object.fromEntries(ttls)).toEqual({
    'user_streams:ann': -1,
    '{user_streams:ann}:starts': expect.closeTo(60_000, -4),
    'address_streams:somewhere': expect.closeTo(24 * 3600_000, -4),
    '{address_streams:somewhere}:starts': expect.closeTo(60_000, -4),
  });
  await store.admit({ subject: { userId: 'ann' }, streamId: 's2', ...limits, ended: ['s1', 's2'] });
  await store.withdraw({ userId: 'ann' }, 's2');
  expect(await redis.commands.exists('user_streams:ann')).toBe(0);
});
