import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { framesOf, randomId, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { createRedisChatStore } from '../chats/redis-chat-store.ts';
import { createRedisStreamStore } from '../streams/redis-stream-store.ts';
import { StoreUnavailable } from '../streams/stream-store.ts';
import { createRedisSweepStore } from '../streams/redis-sweep-store.ts';
import type { RedisConnection } from './redis-connection.ts';

let redis: RedisConnection;
let other: RedisConnection;
beforeAll(async () => {
  const database = DATABASES.connection;
  [redis, other] = await Promise.all([openRedis({ database }), openRedis({ database })]);
  await vi.waitFor(() => expect(redis.isCalm()).toBe(true), { timeout: 5000 });
});
afterAll(() => {
  redis.close();
  other.close();
});

const ttlMs = 60_000;

/** Holds back every reply on the connection for large reads until the returned function is called. */
function holdLargeReads(): () => Promise<unknown> {
  const gate = randomId('gate');
  const held = redis.bulk.blPop(gate, 0);
  return async () => {
    await other.commands.lPush(gate, 'go');
    await held;
  };
}

test('the calls that streams need are answered while large reads wait, and late large reads do not count as an outage', async () => {
  const store = createRedisStreamStore({ redis, owner: randomId('owner'), leaseMs: 1000, ttlMs });
  const chats = createRedisChatStore({ redis, ttlMs });
  const sweep = createRedisSweepStore({ redis });
  const stream = sampleStream();
  const { streamId, epoch, facts, frames } = stream;
  const { userId, chatId } = facts;
  const question = { id: 'q1', role: 'user' as const, parts: [], parentId: null, createdAt: facts.startTime };
  const pointing = {
    userId,
    chatId,
    seen: null,
    streamId,
    title: 'Title',
    instructions: undefined,
    messages: [question],
  };

  const release = holdLargeReads();
  const bounds = { limit: 50, maxBytes: 1 << 20 };
  const answered = vi.fn();
  const reads = Array.from({ length: 300 }, () => [
    chats.branch(userId, chatId, { through: null }, bounds),
    chats.messages(userId, chatId, 0, bounds),
    chats.list(userId, { before: null, limit: 50 }),
    chats.search(userId, 'title', { before: null, limit: 50 }),
    sweep.walk(null),
  ]).flat();
  const settled = Promise.allSettled(reads.map((read) => read.finally(answered)));

  // These are the calls of a start, a running answer, its reader and its end.
  expect(await chats.point(pointing)).toMatchObject({ at: streamId });
  expect(await store.create(stream, 'pointed')).toBe('created');
  await store.index([{ streamId, userId }]);
  const text = framesOf([textDelta('Hello')], epoch, frames.length);
  const length = frames.length + text.length;
  expect(await store.append([{ streamId, epoch, position: frames.length, bytes: text }])).toEqual([
    { what: 'appended', length },
  ]);
  expect(await store.renew([{ streamId, epoch, lastActivity: facts.startTime, isFull: true }])).toMatchObject([
    { what: 'renewed' },
  ]);
  expect(await store.look([streamId])).toMatchObject([{ length }]);
  expect(await store.read(streamId, 0, 1000)).toMatchObject({ length });
  expect(await chats.outline(userId, chatId, ['q1'])).toMatchObject({ head: { stream: streamId } });
  expect(await chats.path(userId, chatId, 'q1', 1000)).toHaveLength(1);
  const sealed = await store.seal(streamId, {
    suffix: randomBytes(4).toString('hex'),
    outcome: 'cancelled',
    error: null,
  });
  const { epoch: finalEpoch } = sealed!;
  const end = { outcome: 'cancelled' as const, error: null, sha256: '', lastActivity: facts.startTime };
  const state = { length: 0, patches: [] };
  const closing = {
    streamId,
    epoch: finalEpoch,
    finalEpoch,
    position: length,
    frames: Buffer.from('.'),
    ...end,
    state,
  };
  expect(await store.close(closing)).toMatchObject({ what: 'closed' });
  const answer = { ...question, id: 'a1', role: 'assistant' as const, parentId: 'q1', status: 'cancelled' as const };
  expect(await chats.settle(userId, chatId, streamId, answer)).toMatchObject({ address: null });
  await store.unindex(streamId, userId);
  expect(answered).not.toHaveBeenCalled();

  const late = await settled;
  for (const read of late) expect(read).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
  expect([redis.isCalm(), redis.wasAway(), await redis.readiness()]).toEqual([true, false, null]);
  await release();
  expect((await chats.branch(userId, chatId, { through: null }, bounds))?.messages).toHaveLength(2);
});
