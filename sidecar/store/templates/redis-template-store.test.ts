import { afterAll, beforeAll, expect, test } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { createRedisTemplateStore } from './redis-template-store.ts';
import { templateStoreSuite } from './template-store.suite.ts';

const TTL_MS = 60_000;
let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.templates });
  await redis.commands.flushDb();
});
afterAll(() => redis.close());

templateStoreSuite('Redis', () => createRedisTemplateStore({ redis, ttlMs: TTL_MS }));

const content = { name: 'A', command: 'a', description: '', instructions: '', message: 'Hello', variables: [] };
const create = (userId: string, ...ids: string[]) =>
  createRedisTemplateStore({ redis, ttlMs: TTL_MS }).create(
    userId,
    ids.map((id) => ({ id, content })),
    { maxTemplates: 3 },
  );

test('Redis: a template and its owner’s list of templates have a TTL, and `touch` renews both TTLs', async () => {
  const store = createRedisTemplateStore({ redis, ttlMs: TTL_MS });
  await create('ann', 'a');
  const keys = ['template:ann:a', 'user_templates:ann'];
  for (const key of keys) expect(await redis.commands.pTTL(key)).toBeGreaterThan(TTL_MS - 10_000);
  for (const key of keys) await redis.commands.pExpire(key, 5000);
  await store.touch('ann', 'a');
  for (const key of keys) expect(await redis.commands.pTTL(key)).toBeGreaterThan(TTL_MS - 10_000);
});

test('Redis: templates that have expired are removed from the list, and do not count towards the maximum any more', async () => {
  const store = createRedisTemplateStore({ redis, ttlMs: TTL_MS });
  await create('ben', 'a', 'b', 'c');
  await redis.commands.del('template:ben:b');
  expect(await create('ben', 'd')).toBe('created');
  expect((await store.list('ben')).map(({ id }) => id).sort()).toEqual(['a', 'c', 'd']);
  expect(await redis.commands.zScore('user_templates:ben', 'b')).toBeNull();
});

test('Redis: templates of an interrupted creation are in `all`, but not in `list`; after a minute they are deleted, and can be created again', async () => {
  const store = createRedisTemplateStore({ redis, ttlMs: TTL_MS });
  await create('cleo', 'a', 'b');
  // As if the process had died after it reserved "b" and "c" and wrote "b". A negative score means: reserved, not listed yet.
  const died = (score: number) =>
    redis.commands.zAdd('user_templates:cleo', [
      { value: 'b', score },
      { value: 'c', score },
    ]);
  await died(-Date.now());
  expect((await store.list('cleo')).map(({ id }) => id)).toEqual(['a']);
  expect((await store.all('cleo')).sort()).toEqual(['a', 'b', 'c']);
  await died(-Date.parse('2026-01-01T00:00:00.000Z'));
  await store.list('cleo');
  expect(await redis.commands.exists('template:cleo:b')).toBe(0);
  expect(await create('cleo', 'b', 'c')).toBe('created');
  expect((await store.list('cleo')).map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
});

test('Redis: after a call of `published`, its list has neither expired templates nor templates whose publication was refused', async () => {
  const store = createRedisTemplateStore({ redis, ttlMs: TTL_MS });
  await create('dora', 'a', 'b', 'c');
  const publish = (id: string, condition: 'any' | string[] = 'any') =>
    store.change('dora', id, { condition, isPublished: true });
  await publish('a');
  await publish('b');
  expect(await publish('c', ['old tag'])).toBe('changed');
  await redis.commands.del('template:dora:a');
  const published = async () =>
    (await store.published()).flatMap(({ userId, template }) => (userId === 'dora' ? [template.id] : []));
  expect(await published()).toEqual(['b']);
  const listed = async () =>
    (await redis.commands.zRange('rejoin:templates', 0, -1)).filter((place) => place.startsWith('dora:'));
  expect(await listed()).toEqual(['dora:b']);
  await publish('c');
  expect((await published()).sort()).toEqual(['b', 'c']);
});
