import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { DATABASES, openRedis, silentLog } from '../../../testing/open-redis.ts';
import { randomId, sampleStream } from '../../../testing/sample-stream.ts';
import { createRedisChatStore } from '../../store/chats/redis-chat-store.ts';
import type { RedisConnection } from '../../store/redis/redis-connection.ts';
import { createRedisStreamStore } from '../../store/streams/redis-stream-store.ts';
import { createRedisSweepStore } from '../../store/streams/redis-sweep-store.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { createEnder } from '../end/ender.ts';
import { createSettler } from '../end/settle.ts';
import { createStreamCleanup, type StreamCleanupOptions } from './stream-cleanup.ts';

const STREAMS = 600;

let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.cleanup });
});
beforeEach(async () => void (await redis.commands.flushDb()));
afterAll(() => redis.close());

/** The cleanup of one sidecar. */
function createCleanup(options: Partial<StreamCleanupOptions> = {}) {
  const store = createRedisStreamStore({ redis, owner: randomId('owner'), leaseMs: 1, ttlMs: 60_000 });
  const chats = createRedisChatStore({ redis, ttlMs: 60_000 });
  const settler = createSettler({ store, chats, log: silentLog });
  const cleanup = createStreamCleanup({
    store,
    sweep: createRedisSweepStore({ redis }),
    chats,
    settler,
    ender: createEnder({ store, settler, telemetry: noTelemetry }),
    recovery: { recover: async () => true },
    telemetry: noTelemetry,
    ttlMs: 60_000,
    leaseMs: 1,
    ...options,
  });
  return { cleanup, store };
}

/** Creates streams that nobody owns. Their `chatId` is empty, because a sweep removes streams that name a chat that does not exist. */
async function fill(): Promise<void> {
  const { store } = createCleanup();
  const streams = Array.from({ length: STREAMS }, () => sampleStream({ chatId: '' }));
  await Promise.all(streams.map((stream) => store.create(stream)));
}

describe('a sweep of everybody’s streams', () => {
  test('pauses at least 19 times as long as its reads take', async () => {
    await fill();
    let [readMs, pausedMs, mostPausesAtOnce] = [0, 0, 0];
    const pause = vi.fn(async (ms: number) => {
      pausedMs += ms;
      mostPausesAtOnce = Math.max(mostPausesAtOnce, ms);
    });
    const sweep = createRedisSweepStore({ redis });
    const walk: typeof sweep.walk = async (from) => {
      const askedAt = performance.now();
      const part = await sweep.walk(from);
      if (part.next !== null) readMs += performance.now() - askedAt;
      return part;
    };
    const { cleanup } = createCleanup({ pause, sweep: { ...sweep, walk } });
    const answer = await cleanup.run({ action: 'expired' });
    expect(answer!.scanned).toBeGreaterThanOrEqual(STREAMS);
    expect(answer!.more).toBeUndefined();
    expect(pause.mock.calls.length).toBeGreaterThan(STREAMS / 200);
    expect(pausedMs).toBeGreaterThanOrEqual(19 * readMs);
    expect(mostPausesAtOnce).toBeLessThanOrEqual(10_000);
  });

  test('that ends early is continued by the next sweep with the same action, even in another process', async () => {
    await fill();
    const pause = async () => {};
    const one = createCleanup({ pause }).cleanup;
    const other = createCleanup({ pause }).cleanup;
    const first = await one.run({ action: 'expired', withinMs: 0 });
    expect(first).toMatchObject({ more: true });
    expect(first!.scanned).toBeLessThan(STREAMS);
    const rest = await other.run({ action: 'expired' });
    // SCAN may return a key twice, but returns every key.
    expect(first!.scanned + rest!.scanned).toBeGreaterThanOrEqual(STREAMS);
    expect(rest!.scanned).toBeLessThan(STREAMS);
    // A sweep begins from the start if the last one was completed, or if the last one was unfinished but had another action.
    expect((await one.run({ action: 'expired' }))!.scanned).toBeGreaterThanOrEqual(STREAMS);
    await one.run({ action: 'expired', withinMs: 0 });
    expect(await other.run({ action: 'force' })).toMatchObject({ removed: STREAMS });
  });

  test('leaves the rest to another process if its own process is about to exit', async () => {
    await fill();
    const { cleanup } = createCleanup({ pause: async () => {}, isStopping: () => true });
    expect(await cleanup.run({ action: 'expired' })).toMatchObject({ more: true });
    expect(await redis.commands.exists('rejoin:sweeper')).toBe(0);
  });
});
