import { createRedisChatStore } from '../chats/redis-chat-store.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { framesOf, randomId, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { ACTIVE_STREAMS, chatKey, logKey, metaKey, stateKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { createRedisStreamStore } from './redis-stream-store.ts';
import type { StreamStore } from './stream-store.ts';
import { streamStoreSuite, type StoreSettings } from './stream-store.suite.ts';

let redis: RedisConnection;
let another: RedisConnection;

beforeAll(async () => {
  const database = DATABASES.streamStore;
  [redis, another] = await Promise.all([openRedis({ database }), openRedis({ database })]);
  await vi.waitFor(() => expect(redis.isCalm() && another.isCalm()).toBe(true), { timeout: 5000 });
});
afterAll(() => {
  redis.close();
  another.close();
});

const lastActivity = '2026-11-22T10:00:05.000Z';
/** The stores by their settings. Tests share them, because each store adds a permanent listener to its connection. */
const stores = new Map<string, { store: StreamStore; other: StreamStore }>();

function storesWith(settings: StoreSettings) {
  const key = JSON.stringify(settings);
  const known = stores.get(key) ?? {
    store: createRedisStreamStore({ redis, owner: randomId('owner'), ...settings }),
    other: createRedisStreamStore({ redis: another, owner: randomId('owner'), ...settings }),
  };
  stores.set(key, known);
  return known;
}

const makeStore = async (settings: StoreSettings) => ({
  ...storesWith(settings),
  lose: async (streamId: string) =>
    void (await redis.commands.del([stateKey(streamId), logKey(streamId), metaKey(streamId)])),
});

streamStoreSuite('Redis', makeStore, ['takeover', 'loss', 'quiet-bells']);

describe('in Redis', () => {
  const LEASE_MS = 1000;
  const TTL_MS = 30_000;

  async function created(ttlMs = TTL_MS) {
    const { store } = await makeStore({ leaseMs: LEASE_MS, ttlMs });
    const stream = sampleStream();
    await store.create(stream);
    return { store, stream, streamId: stream.streamId, epoch: stream.epoch };
  }

  const keysOf = (streamId: string) => [stateKey(streamId), logKey(streamId), metaKey(streamId)];
  const ttls = (streamId: string) => Promise.all(keysOf(streamId).map((key) => redis.commands.pTTL(key)));

  /** The commands that scripts execute on the keys of this stream during `run`. MONITOR marks commands of scripts with `lua`. */
  async function commandsDuring(streamId: string, run: () => Promise<unknown>): Promise<string[][]> {
    const monitor = redis.commands.duplicate({ disableOfflineQueue: false });
    await monitor.connect();
    const lines: string[] = [];
    await monitor.monitor((line) => void lines.push(String(line)));
    const marker = randomId('marker');
    await run();
    await redis.commands.get(marker); // when the monitor shows this command, all earlier commands have been shown
    await vi.waitFor(() => expect(lines.some((line) => line.includes(marker))).toBe(true));
    monitor.destroy();
    return lines
      .filter((line) => line.includes(' lua] ') && line.includes(streamId))
      .map((line) => [...line.slice(line.indexOf('] ') + 2).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word!));
  }

  test('with `pointed`, a stream is created only while its chat points at it', async () => {
    const { store, other } = await makeStore({ leaseMs: LEASE_MS, ttlMs: TTL_MS });
    const stream = sampleStream();
    const { streamId, facts } = stream;
    const chat = chatKey(facts.userId, facts.chatId);
    expect(await store.create(stream, 'pointed')).toBe('unpointed');
    await redis.commands.hSet(chat, 'stream', randomId('s'));
    expect(await store.create(stream, 'pointed')).toBe('unpointed');
    expect(await redis.commands.exists(keysOf(streamId))).toBe(0);

    await redis.commands.hSet(chat, 'stream', streamId);
    expect(await store.create(stream, 'pointed')).toBe('created');
    expect(await store.meta(streamId)).toMatchObject({ ...facts, status: 'active' });
    // If the stream exists, the result is `exists`, even if the chat does not point at the stream.
    await redis.commands.del(chat);
    expect(await other.create(stream, 'pointed')).toBe('exists');
  });

  test('`unpoint` keeps the pointer if a slow start has created the stream in the meantime', async () => {
    const { store } = await makeStore({ leaseMs: LEASE_MS, ttlMs: TTL_MS });
    const chats = createRedisChatStore({ redis, ttlMs: TTL_MS });
    const stream = sampleStream();
    const { streamId, facts } = stream;
    const { userId, chatId } = facts;
    await redis.commands.hSet(chatKey(userId, chatId), 'stream', streamId);
    expect(await store.meta(streamId)).toBeNull(); // the caller of `unpoint` finds no stream
    await store.create(stream, 'pointed');
    await chats.unpoint(userId, chatId, streamId);
    expect(await chats.pointer(userId, chatId)).toBe(streamId);

    await store.remove(streamId, 'any');
    await chats.unpoint(userId, chatId, streamId);
    expect(await chats.pointer(userId, chatId)).toBeNull();
  });

  test('without followers, an append reads meta, appends the bytes, and does nothing else', async () => {
    const { store, stream, streamId, epoch } = await created();
    const position = stream.frames.length;
    const bytes = framesOf([textDelta('Hello')], epoch, position);
    const before = { meta: await redis.commands.hGetAll(metaKey(streamId)), ttls: await ttls(streamId) };
    const commands = await commandsDuring(streamId, () => store.append([{ streamId, epoch, position, bytes }]));
    expect(commands.map((words) => words.slice(0, 2))).toEqual([
      ['HMGET', metaKey(streamId)],
      ['APPEND', logKey(streamId)],
    ]);
    expect(await redis.commands.hGetAll(metaKey(streamId))).toEqual(before.meta);
    (await ttls(streamId)).forEach((ttl, i) => expect(ttl).toBeLessThanOrEqual(before.ttls[i]!));
    expect(await redis.commands.get(stateKey(streamId))).toBe(stream.state.toString());
  });

  test('an append at a position that is not the end of the log leaves the log as it was', async () => {
    const { store, stream, streamId, epoch } = await created();
    const before = await ttls(streamId);
    const append = (position: number) => store.append([{ streamId, epoch, position, bytes: Buffer.from('x') }]);
    const length = stream.frames.length;
    expect(await append(1)).toEqual([{ what: 'elsewhere', length }]);
    expect(await append(length + 1)).toEqual([{ what: 'elsewhere', length }]);
    expect(await redis.commands.get(logKey(streamId))).toBe(stream.frames.toString());
    (await ttls(streamId)).forEach((ttl, i) => {
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(before[i]!);
    });

    await redis.commands.del(logKey(streamId));
    expect(await append(1)).toEqual([{ what: 'elsewhere', length: 0 }]);
    expect(await redis.commands.exists(logKey(streamId))).toBe(0);
  });

  test('an append publishes a notification if a process follows the stream', async () => {
    const { store, stream, streamId, epoch } = await created();
    await store.look([streamId]);
    const position = stream.frames.length;
    const bytes = framesOf([textDelta('Hello')], epoch, position);
    const commands = await commandsDuring(streamId, () => store.append([{ streamId, epoch, position, bytes }]));
    expect(commands.map(([command]) => command)).toEqual(['HMGET', 'APPEND', 'SPUBLISH']);
  });

  test('a heartbeat stops the notifications of a stream if no follower has called `look` recently', async () => {
    const { store, streamId, epoch } = await created();
    await store.look([streamId]);
    await store.renew([{ streamId, epoch, lastActivity, isFull: true }]);
    expect(await redis.commands.hExists(metaKey(streamId), 'followed')).toBe(1);
    await redis.commands.hSet(metaKey(streamId), 'followed', Date.now() - 20_000);
    await store.renew([{ streamId, epoch, lastActivity, isFull: true }]);
    expect(await redis.commands.hExists(metaKey(streamId), 'followed')).toBe(0);
  });

  test('an active stream expires after ten leases or the TTL, whichever is longer; a full heartbeat restarts this time', async () => {
    for (const [ttlMs, expected] of [
      [TTL_MS, TTL_MS],
      [10, 10 * LEASE_MS],
    ] as const) {
      const { store, streamId, epoch } = await created(ttlMs);
      for (const ttl of await ttls(streamId)) expect(ttl).toBeGreaterThan(expected - 2000);
      for (const key of keysOf(streamId)) await redis.commands.pExpire(key, 500);
      await store.renew([{ streamId, epoch, lastActivity, isFull: true }]);
      for (const ttl of await ttls(streamId)) {
        expect(ttl).toBeGreaterThan(expected - 2000);
        expect(ttl).toBeLessThanOrEqual(expected);
      }
    }
  });

  test('a heartbeat that is not full extends only the lease, with one write', async () => {
    const { store, streamId, epoch } = await created();
    for (const key of keysOf(streamId)) await redis.commands.pExpire(key, 5000);
    const renewals = [{ streamId, epoch, isFull: false }];
    const commands = await commandsDuring(streamId, () => store.renew(renewals));
    expect(commands.map(([command]) => command)).toEqual(['HMGET', 'HSET']);
    for (const ttl of await ttls(streamId)) expect(ttl).toBeLessThanOrEqual(5000);
  });

  test('every key of an ended stream expires, and so does the tombstone of a removed stream', async () => {
    const { store, stream, streamId, epoch } = await created();
    const position = stream.frames.length;
    await store.close({
      streamId,
      epoch,
      finalEpoch: '2abc',
      position,
      frames: framesOf([{ type: 'finish' }], '2abc', position),
      outcome: 'completed',
      error: null,
      sha256: '',
      lastActivity: '',
      state: { length: 0, patches: [{ offset: 0, bytes: Buffer.from('{}') }] },
    });
    for (const ttl of await ttls(streamId)) expect(ttl).toBeGreaterThan(0);
    await store.remove(streamId, 'any');
    const [state, log, meta] = await ttls(streamId);
    expect([state, log]).toEqual([-2, -2]);
    expect(meta).toBeGreaterThan(0);
    expect(meta).toBeLessThanOrEqual(TTL_MS);
  });

  test("a checkpoint sets the state copy's TTL, also if the copy was missing", async () => {
    const { store, streamId, epoch } = await created();
    await redis.commands.del(stateKey(streamId));
    await store.checkpoint(streamId, epoch, 0, [{ offset: 0, bytes: Buffer.from('{}') }]);
    expect(await redis.commands.pTTL(stateKey(streamId))).toBeGreaterThan(0);
  });

  test('`redis-cli get` shows the log and the state copy of a stream', async () => {
    const { stream, streamId } = await created();
    expect(await redis.commands.get(`{stream:${streamId}}:log`)).toBe(stream.frames.toString());
    expect(await redis.commands.get(`stream:${streamId}`)).toBe(stream.state.toString());
  });

  test('shortly after an outage of Redis, a released lease is taken over, but an expired one is not', async () => {
    const settings = { leaseMs: 30, ttlMs: TTL_MS };
    const { store, other } = storesWith(settings);
    const uneasy = createRedisStreamStore({ redis: { ...redis, isCalm: () => false }, owner: 'uneasy', ...settings });
    const lapsed = sampleStream();
    const released = sampleStream();
    await store.create(lapsed);
    await store.create(released);
    await store.release(released);
    await store.index([
      { streamId: lapsed.streamId, deadline: 1 },
      { streamId: released.streamId, deadline: 0 },
    ]);
    await vi.waitFor(async () => expect((await store.meta(lapsed.streamId))!.leaseLeftMs).toBeLessThan(0));
    const due = await uneasy.due(1000);
    expect([due.includes(lapsed.streamId), due.includes(released.streamId)]).toEqual([false, true]);
    expect((await uneasy.claim(lapsed.streamId, 'abcd')).what).toBe('leased');
    expect((await uneasy.claim(released.streamId, 'abcd')).what).toBe('claimed');
    expect((await other.claim(lapsed.streamId, 'abcd')).what).toBe('claimed');
    for (const { streamId } of [lapsed, released]) await store.unindex(streamId, '');
  });

  test('the clock of Redis decides which streams are due, even if the clock of this process is wrong', async () => {
    const { store, streamId } = await created();
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    await store.due(1);
    await store.index([{ streamId }]);
    expect(await store.due(1000)).not.toContain(streamId);
    expect((await store.meta(streamId))!.leaseLeftMs).toBeLessThanOrEqual(LEASE_MS);
    vi.setSystemTime(Date.now() - 7_200_000);
    await store.index([{ streamId, deadline: 1 }]);
    expect(await store.due(1000)).toContain(streamId);
    await store.unindex(streamId, '');
  });

  test('scripts that Redis has forgotten are sent again', async () => {
    const { store, stream, streamId, epoch } = await created();
    await redis.commands.scriptFlush();
    const position = stream.frames.length;
    expect(await store.append([{ streamId, epoch, position, bytes: Buffer.from('x') }])).toEqual([
      { what: 'appended', length: position + 1 },
    ]);
  });

  test('the score of a stream in the index is the deadline of its lease, by the clock of Redis', async () => {
    const { store, streamId, epoch } = await created();
    const [renewed] = await store.renew([{ streamId, epoch, lastActivity, isFull: true }]);
    const deadline = renewed!.what === 'renewed' ? renewed!.deadline : 0;
    await store.index([{ streamId, userId: 'u', deadline }]);
    expect(await redis.commands.zScore(ACTIVE_STREAMS, streamId)).toBe(deadline);
    expect(Number(await redis.commands.hGet(metaKey(streamId), 'lease'))).toBe(deadline);
    await store.unindex(streamId, 'u');
    expect(await redis.commands.zScore(ACTIVE_STREAMS, streamId)).toBeNull();
  });
});
