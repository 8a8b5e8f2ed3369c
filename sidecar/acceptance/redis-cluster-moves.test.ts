import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../scripts/shared/wait.ts';
import { messageText } from '../../shared/chat/messages.ts';
import { createFold } from '../../shared/stream/fold.ts';
import { keySlot } from '../store/redis/key-slot.ts';
import { bellChannel, chatKey, logKey } from '../store/redis/keys.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { followLoyally, type LoyalReader } from '../../testing/loyal-reader.ts';
import {
  failOver,
  migrateSlot,
  startRedisCluster,
  tell,
  type ClusterMember,
  type TestCluster,
} from '../../testing/redis-cluster.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { chunkOf, countDeltas, framesIn } from '../../testing/whole-log.ts';

let cluster: TestCluster;
let bed: TestBed;
let sidecars: TestSidecar[];
let caller: Caller;
beforeAll(async () => {
  cluster = await startRedisCluster({ replicas: 1, nodeTimeoutMs: 3000 });
  bed = await openTestBed({ env: { REDIS_CLUSTER_NODES: cluster.addresses, LEASE_MS: '3000' } });
  sidecars = await Promise.all([bed.start(), bed.start(), bed.start()]);
  caller = await createCaller(sidecars[0]!);
}, 60_000);
afterAll(async () => {
  await bed.close();
  await cluster.stop();
});

const CHARS = 20;

/** Starts `count` streams at the first sidecar, each with a reader at the second one. Returns the readers by stream id. */
async function startFollowed(count: number, { chunks }: { chunks: number }): Promise<Map<string, LoyalReader>> {
  const modelId = `synthetic/${chunks}x${CHARS}@40`;
  const ids = await Promise.all(
    Array.from({ length: count }, () => caller.startStream({ chatId: newId('c'), modelId })),
  );
  return new Map(ids.map((id) => [id, followLoyally([caller.at(sidecars[1]!)], id)]));
}

const masterOf = (streamId: string): Promise<ClusterMember> => cluster.ownerOf(keySlot(logKey(streamId)));

function textUpTo(eventId: string, log: Buffer): string {
  const frames = framesIn(log);
  const fold = createFold('a1');
  for (const frame of frames.slice(0, frames.findIndex(({ id }) => id === eventId) + 1)) fold.take(chunkOf(frame));
  return fold.text;
}

async function countErrors(kind: 'ASK' | 'MOVED' | 'TRYAGAIN'): Promise<number> {
  const counts = await Promise.all(
    cluster.nodes.map(async ({ redis }) => {
      const stats = await tell(redis, (client) => client.info('errorstats'));
      return Number(new RegExp(`errorstat_${kind}:count=(\\d+)`).exec(stats)?.[1] ?? 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Waits until a sidecar is subscribed to the notifications of each running stream, at the master that has the stream's slot.
 * Without notifications, readers would get new text only once a second. The test does not measure this delay, because a busy
 * machine delays readers, too.
 */
async function untilBellsAreHeard(streamIds: readonly string[]): Promise<void> {
  const isHeard = async (streamId: string) => {
    const { redis } = await masterOf(streamId);
    const asked = ['PUBSUB', 'SHARDNUMSUB', bellChannel(streamId)];
    const [, count] = (await tell(redis, (client) => client.sendCommand(asked))) as [string, number];
    return count > 0 || (await caller.state(streamId)).status !== 'active';
  };
  for (const streamId of streamIds) {
    const held = await until(() => isHeard(streamId), { everyMs: 250, signal: AbortSignal.timeout(20_000) });
    expect(held, 'a sidecar is subscribed to the notifications at the master that has the slot now').toBe(true);
  }
}

describe('on a Redis Cluster that is being changed', () => {
  test('streams stay exact while their slots move to other masters, key by key', async () => {
    const readers = await startFollowed(6, { chunks: 240 });
    const [cancelled, ...others] = [...readers.keys()];
    // One slot at a time, because two masters that send keys to each other at the same time block each other.
    for (const streamId of readers.keys()) {
      const owner = await masterOf(streamId);
      const to = (await cluster.masters()).find((node) => node !== owner)!;
      const moving = migrateSlot(cluster, { slot: keySlot(logKey(streamId)), to, pauseMs: 100 });
      if (streamId === cancelled)
        expect((await caller.at(sidecars[2]!).cancel(streamId)).body.status).toBe('cancelled');
      await moving;
      await untilBellsAreHeard([streamId]);
    }
    for (const [streamId, { finished }] of readers) {
      const seen = await finished;
      expect(seen.resets).toBe(0);
      if (others.includes(streamId)) expect(countDeltas(seen.text, CHARS)).toBe(240);
      const again = await followLoyally([caller.at(sidecars[2]!)], streamId).finished;
      expect(again.log.equals(seen.log)).toBe(true);
    }
    expect(await countErrors('MOVED')).toBeGreaterThan(0);
  }, 90_000);

  test('a stream can be read while some of its keys have moved to another master and some have not', async () => {
    const streamId = await caller.startStream({ modelId: `synthetic/20x${CHARS}@200` });
    await caller.untilEnded(streamId);
    const { log } = await followLoyally([caller], streamId).finished;
    const owner = await masterOf(streamId);
    const to = (await cluster.masters()).find((node) => node !== owner)!;
    let isMoving = true;
    const moving = migrateSlot(cluster, { slot: keySlot(logKey(streamId)), to, pauseMs: 300 }).finally(
      () => (isMoving = false),
    );
    while (isMoving) {
      const seen = await followLoyally([caller.at(sidecars[2]!)], streamId).finished;
      expect(seen.log.equals(log)).toBe(true);
    }
    expect(await moving).toBe(3);
    expect(await countErrors('TRYAGAIN')).toBeGreaterThan(0);
    expect(await countErrors('ASK')).toBeGreaterThan(0);
  }, 60_000);

  test('turns that wait are answered in order, each once, while the slot of their chat moves', async () => {
    const chatId = newId('c');
    const slot = keySlot(chatKey(caller.userId, chatId));
    const deltas = [60, 20, 20, 20, 20, 20];
    for (const [n, count] of deltas.entries()) {
      const turn = { chatId, messageId: `a${n}`, text: `Question ${n}`, modelId: `synthetic/${count}x${CHARS}@40` };
      const { status } = await caller.at(sidecars[n % 3]!).start({ ...turn, whenBusy: 'queue' });
      expect(status).toBe(n === 0 ? 201 : 202);
    }
    const triedAgain = await countErrors('TRYAGAIN');
    const isAnswered = async () => {
      const { stream, queue } = await caller.at(sidecars[1]!).chat(chatId);
      return stream === null && queue.turns.length === 0;
    };
    // The slot moves back and forth until the last answer is there, so it also moves between two turns.
    do {
      const owner = await cluster.ownerOf(slot);
      await migrateSlot(cluster, { slot, to: (await cluster.masters()).find((node) => node !== owner)!, pauseMs: 150 });
    } while (!(await isAnswered()));

    const messages = await caller.messages(chatId);
    expect(messages.map(({ id, role }) => (role === 'user' ? '' : id)).filter(Boolean)).toEqual(
      deltas.map((_count, n) => `a${n}`),
    );
    expect(messages).toHaveLength(2 * deltas.length);
    for (const [i, { parentId, parts, role, status }] of messages.entries()) {
      const text = parts.map((part) => (typeof part.text === 'string' ? part.text : '')).join('');
      const n = Math.floor(i / 2);
      expect(parentId).toBe(messages[i - 1]?.id ?? null);
      if (role === 'user') expect(text).toBe(`Question ${n}`);
      else expect([status, countDeltas(text, CHARS)]).toEqual(['completed', deltas[n]]);
    }
    expect(await countErrors('TRYAGAIN')).toBeGreaterThan(triedAgain);
  }, 60_000);

  test('each fork of a running answer is made once, with the text so far, while the slots of chat, stream and fork move', async () => {
    const chatId = newId('c');
    const streamId = await caller.startStream({ chatId, messageId: 'a1', modelId: `synthetic/6000x${CHARS}@40` });
    await eventually('the answer has begun', async () => ((await caller.state(streamId)).bytes ?? 0) > 500);
    const made = new Map<string, string>();
    for (let n = 0; n < 4; n++) {
      const forkId = newId('fork');
      const keys = [chatKey(caller.userId, chatId), logKey(streamId), chatKey(caller.userId, forkId)];
      const body = { forkId, messageId: 'a1', at: 'now' };
      let isMoving = true;
      const moving = (async () => {
        for (const slot of keys.map(keySlot)) {
          const owner = await cluster.ownerOf(slot);
          const to = (await cluster.masters()).find((node) => node !== owner)!;
          await migrateSlot(cluster, { slot, to, pauseMs: 100 });
        }
      })().finally(() => (isMoving = false));
      const answers: { status: number; text: string }[] = [];
      do answers.push(await caller.at(sidecars[answers.length % 3]!).call('POST', `/chats/${chatId}/forks`, { body }));
      while (isMoving);
      await moving;
      expect(answers.map(({ status }) => status)).toEqual([201, ...Array<number>(answers.length - 1).fill(200)]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      made.set(forkId, (JSON.parse(answers[0]!.text) as { from: { at: string } }).from.at);
    }
    await caller.cancel(streamId);
    const { log } = await followLoyally([caller.at(sidecars[2]!)], streamId).finished;
    for (const [forkId, at] of made) {
      const [question, answer, ...rest] = await caller.messages(forkId);
      expect([question!.role, answer!.id, answer!.status, rest]).toEqual(['user', 'a1', 'partial', []]);
      expect(messageText(answer!)).toBe(textUpTo(at, log));
    }
  }, 90_000);

  test('nothing is lost in a coordinated failover', async () => {
    const readers = await startFollowed(9, { chunks: 200 });
    const [master] = await cluster.masters();
    const [replica] = await cluster.replicasOf(master!);
    expect(await failOver(replica!)).toBe(true);
    await untilBellsAreHeard([...readers.keys()]);
    for (const { finished } of readers.values()) {
      const seen = await finished;
      expect(seen.resets).toBe(0);
      expect(countDeltas(seen.text, CHARS)).toBe(200);
    }
    await cluster.untilWhole();
  }, 90_000);

  test('answers continue after a master is killed, and every reader gets them completely', async () => {
    const readers = await startFollowed(9, { chunks: 320 });
    const [first] = readers.keys();
    const master = await masterOf(first!);
    const attached = followLoyally([caller], first!); // at the sidecar that writes the stream
    await master.redis.kill();
    for (const { finished } of [...readers.values(), attached])
      expect(countDeltas((await finished).text, CHARS)).toBe(320);
    expect(await cluster.masters()).not.toContain(master);
    for (const streamId of readers.keys())
      expect((await caller.at(sidecars[2]!).state(streamId)).status).toBe('completed');
    await eventually('everybody can start again', async () => {
      const { status } = await caller.at(sidecars[1]!).start({ modelId: `synthetic/20x${CHARS}@200` });
      return status === 201;
    });
  }, 90_000);
});
