import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCaller, newId } from '../../testing/caller.ts';
import { silentLog } from '../../testing/open-redis.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { startRedisCluster, type TestCluster } from '../../testing/redis-cluster.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { countDeltas } from '../../testing/whole-log.ts';
import { forkStoreSuite } from '../store/chats/forks/fork-store.suite.ts';
import { saidStoreSuite } from '../store/chats/said/said-store.suite.ts';
import { createRedisChatStore } from '../store/chats/redis-chat-store.ts';
import { roomStoreSuite } from '../store/rooms/room-store.suite.ts';
import { feedStoreSuite } from '../store/feed/feed-store.suite.ts';
import { createRedisFeedStore } from '../store/feed/redis-feed-store.ts';
import { createRedisTemplateStore } from '../store/templates/redis-template-store.ts';
import { templateStoreSuite } from '../store/templates/template-store.suite.ts';
import { hereKey } from '../store/redis/keys.ts';
import { connectRedis, type RedisConnection } from '../store/redis/redis-connection.ts';

let cluster: TestCluster;
let bed: TestBed;
let sidecars: SidecarProcess[];
let redis: RedisConnection;
beforeAll(async () => {
  cluster = await startRedisCluster();
  bed = await openTestBed({ env: { REDIS_CLUSTER_NODES: cluster.addresses } });
  sidecars = await Promise.all([bed.spawn(), bed.spawn()]);
  const address = { clusterNodes: cluster.addresses.split(',') };
  redis = await connectRedis({ settings: { address, leaseMs: 1000 }, log: silentLog });
}, 60_000);
afterAll(async () => {
  redis?.close();
  await bed.close();
  await cluster.stop();
});

roomStoreSuite('Cluster', async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));
forkStoreSuite('Cluster', async () => createRedisChatStore({ redis, ttlMs: 60_000 }));
saidStoreSuite('Cluster', async () => createRedisChatStore({ redis, ttlMs: 60_000 }));
templateStoreSuite('Cluster', () => createRedisTemplateStore({ redis, ttlMs: 60_000 }));
feedStoreSuite('Cluster', async () => ({
  feeds: createRedisFeedStore({ redis }),
  chats: createRedisChatStore({ redis, ttlMs: 60_000 }),
  async age({ ownerId, chatId }, ms) {
    const key = hereKey(ownerId, chatId);
    for (const entry of await redis.commands.zRange(key, 0, -1)) await redis.commands.zIncrBy(key, -ms, entry);
  },
}));

describe('on a Redis Cluster of three masters', () => {
  test('a hundred starts of one message at two sidecars cause one stream and one model call', async () => {
    const caller = await createCaller(sidecars[0]!);
    const request = { chatId: 'c1', messageId: 'm1', modelId: 'synthetic/50x20@200' };
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => caller.at(sidecars[i % 2]!).start(request)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(99).fill(200), 201]);
    const [streamId, ...others] = new Set(answers.map(({ body }) => body.streamId));
    expect(others).toEqual([]);
    expect((await caller.untilEnded(streamId!)).status).toBe('completed');
    expect(bed.log.of('stream.started').filter((line) => line.streamId === streamId)).toHaveLength(1);
    expect((await caller.chat('c1')).messages).toHaveLength(2);
  });

  test('streams in different slots are written at one sidecar, and followed and cancelled at the other', async () => {
    const caller = await createCaller(sidecars[0]!);
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        // The streams that will be cancelled must not end before that, even on a slow machine.
        caller.startStream({ chatId: newId('c'), modelId: `synthetic/${i < 4 ? 6000 : 100}x20@100` }),
      ),
    );
    const readers = ids.map((streamId) => followLoyally([caller.at(sidecars[1]!)], streamId));
    const cancelled = ids.slice(0, 4);
    for (const streamId of cancelled) {
      expect((await caller.at(sidecars[1]!).cancel(streamId)).body.status).toBe('cancelled');
    }
    const ends = await Promise.all(readers.map(({ finished }) => finished));
    ends.slice(4).forEach(({ text, resets }) => {
      expect(resets).toBe(0);
      expect(countDeltas(text, 20)).toBe(100);
    });
    for (const streamId of cancelled) expect((await caller.state(streamId)).status).toBe('cancelled');
  });

  test('each fork of a running answer is made once, even if two sidecars are asked, and chat and fork are in different slots', async () => {
    const caller = await createCaller(sidecars[0]!);
    const chatId = newId('c');
    const streamId = await caller.startStream({ chatId, messageId: 'a1', modelId: 'synthetic/6000x20@100' });
    const fork = (forkId: string, i: number) =>
      caller.at(sidecars[i % 2]!).call('POST', `/chats/${chatId}/forks`, {
        body: { forkId, messageId: 'a1', at: 'now' },
      });
    for (const forkId of Array.from({ length: 6 }, () => newId('fork'))) {
      const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => fork(forkId, i)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect((await caller.chat(forkId)).messages.at(-1)).toMatchObject({ id: 'a1', status: 'partial' });
    }
    expect((await caller.chat(chatId)).forks).toHaveLength(6);
    await caller.cancel(streamId);
  });

  test('the streams of a killed owner are continued by another sidecar', async () => {
    const victim = await bed.spawn();
    const caller = await createCaller(victim);
    const ids = await Promise.all(
      Array.from({ length: 6 }, () => caller.startStream({ chatId: newId('c'), modelId: 'synthetic/150x20@50' })),
    );
    const readers = ids.map((streamId) => followLoyally([caller.at(sidecars[0]!)], streamId));
    await Promise.all(ids.map((id) => caller.at(sidecars[0]!).state(id)));
    await victim.kill();
    for (const { finished } of readers) {
      const { text, resets } = await finished;
      expect(resets).toBe(0);
      expect(countDeltas(text, 20)).toBe(150);
    }
  });
});
