import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { framesOf, randomId, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { framesIn } from '../../../testing/whole-log.ts';
import { ENDED_STREAMS, logKey, metaKey, stateKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { nextEpoch } from './epoch.ts';
import type { PackStore } from './pack-store.ts';
import { createRedisPackStore } from './redis-pack-store.ts';
import { createRedisStreamStore } from './redis-stream-store.ts';
import type { StreamStore } from './stream-store.ts';

let redis: RedisConnection;
let store: StreamStore;
let packing: PackStore;
const TTL_MS = 30_000;

beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.packing });
  store = createRedisStreamStore({ redis, owner: randomId('owner'), leaseMs: 1000, ttlMs: TTL_MS });
  packing = createRedisPackStore({ redis, ttlMs: TTL_MS });
});
afterAll(() => redis.close());

/** Creates an ended stream with these words. Returns its id, its epochs, its log and its state copy. */
async function ended(words: string[]) {
  const stream = sampleStream();
  const { streamId, epoch } = stream;
  await store.create(stream);
  let log = stream.frames;
  for (let at = 0; at < words.length; at += 1000) {
    const bytes = framesOf(
      words.slice(at, at + 1000).map((word) => textDelta(word)),
      epoch,
      log.length,
    );
    await store.append([{ streamId, epoch, position: log.length, bytes }]);
    log = Buffer.concat([log, bytes]);
  }
  const finalEpoch = nextEpoch(epoch);
  const frames = framesOf([{ type: 'finish', finishReason: 'stop' }], finalEpoch, log.length);
  const state = Buffer.from(JSON.stringify({ status: 'completed', accumulatedContent: words.join('') }));
  await store.close({
    streamId,
    epoch,
    finalEpoch,
    position: log.length,
    frames,
    outcome: 'completed',
    error: null,
    sha256: createHash('sha256').update(log).update(frames).digest('hex'),
    lastActivity: new Date().toISOString(),
    state: { length: 0, patches: [{ offset: 0, bytes: state }] },
  });
  return { streamId, epoch, finalEpoch, log: Buffer.concat([log, frames]), state };
}

/** Reads the log from a position to its end, page by page. */
async function readAll(streamId: string, from: Parameters<StreamStore['read']>[1], pageBytes = 60_000) {
  const first = await store.read(streamId, from, pageBytes);
  if (typeof first === 'string') throw new Error(first);
  const pages = [first.bytes];
  let position = first.position + first.bytes.length;
  while (position < first.length) {
    const page = await store.read(streamId, position, pageBytes);
    if (typeof page === 'string' || page.bytes.length === 0) throw new Error(`nothing at ${position}`);
    pages.push(page.bytes);
    position += page.bytes.length;
  }
  return { ...first, bytes: Buffer.concat(pages) };
}

const SOME = Array.from({ length: 300 }, (_, i) => `word ${i}, `);
const MANY = Array.from({ length: 2500 }, (_, i) => `word ${i}, `);

test.each([
  ['one block', SOME],
  ['several blocks', MANY],
])(
  'packing a log of %s does not change what reads return: from the base, after an event id, and in smaller pages',
  async (_, words) => {
    const { streamId, log } = await ended(words);
    const [meta, before] = [await store.meta(streamId), await readAll(streamId, 'base')];
    expect(before.bytes).toEqual(log);
    const result = await packing.pack(streamId);
    expect(result).toMatchObject({ what: 'packed', bytes: log.length });
    expect(await redis.commands.strLen(logKey(streamId))).toBeLessThan(log.length / 3);

    expect(await readAll(streamId, 'base')).toMatchObject({ ...before, leaseLeftMs: expect.any(Number) as number });
    expect((await readAll(streamId, 'base', 7777)).bytes).toEqual(log);
    const afterMeta = await store.meta(streamId);
    expect({ ...afterMeta, leaseLeftMs: 0 }).toEqual({ ...meta, leaseLeftMs: 0 });
    expect(await store.look([streamId])).toMatchObject([{ status: 'completed', length: log.length }]);
    const frames = framesIn(log);
    const some = frames.filter((_frame, i) => i % 397 === 0 || i > frames.length - 3);
    for (const frame of some) {
      const id = { epoch: frame.epoch, position: frame.position };
      const page = await readAll(streamId, id);
      expect(page).toMatchObject({ onLog: true, position: id.position, length: log.length });
      expect(page.bytes.equals(log.subarray(id.position))).toBe(true);
      const foreign = await readAll(streamId, { ...id, epoch: '9zzzz' });
      expect(foreign).toMatchObject({ onLog: false, position: 0 });
      expect(foreign.bytes.equals(log)).toBe(true);
    }
    const beyond = await readAll(streamId, { epoch: '1aaaa', position: log.length + 100 });
    expect(beyond).toMatchObject({ onLog: false, position: 0 });
  },
);

test('packing changes neither the state copy nor the TTLs; a packed stream refuses checkpoints and seals, but can be removed', async () => {
  const { streamId, finalEpoch, state, log } = await ended(SOME);
  const keys = [stateKey(streamId), logKey(streamId), metaKey(streamId)];
  await Promise.all(keys.map((key) => redis.commands.pExpire(key, 5000)));
  await packing.pack(streamId);
  expect(await store.state(streamId)).toBe(state.toString());
  for (const key of keys) expect(await redis.commands.pTTL(key)).toBeLessThanOrEqual(5000);
  expect(await packing.pack(streamId)).toEqual({ what: 'nothing' });
  expect(await store.checkpoint(streamId, finalEpoch, 0, [{ offset: 0, bytes: Buffer.from('{}') }])).toBe(false);
  const seal = await store.seal(streamId, { suffix: 'abcd', outcome: 'cancelled', error: null });
  expect(seal).toMatchObject({ won: false, status: 'completed', length: log.length });
  expect(await store.remove(streamId, 'idle')).toBe('removed');
  expect(await redis.commands.exists([stateKey(streamId), logKey(streamId)])).toBe(0);
});

test('a stream that is still being written, or does not exist, is not packed', async () => {
  const stream = sampleStream();
  await store.create(stream);
  expect(await packing.pack(stream.streamId)).toEqual({ what: 'nothing' });
  expect(await redis.commands.get(logKey(stream.streamId))).toBe(stream.frames.toString());
  expect(await packing.pack(randomId('s'))).toEqual({ what: 'nothing' });
});

test('`pack.lua` refuses a stream that has not ended, even if the caller passes the right epoch and length', async () => {
  const waiting = sampleStream();
  await store.wait(waiting);
  const written = sampleStream();
  await store.create(written);
  for (const [{ streamId, epoch }, length] of [
    [waiting, 0],
    [written, written.frames.length],
  ] as const) {
    const keys = [stateKey(streamId), logKey(streamId), metaKey(streamId)];
    expect(await redis.commands.pack(keys, [epoch, String(length), Buffer.from('packed'), '1:6', ''])).toBe(0);
    expect(await store.meta(streamId)).toMatchObject({ length });
  }
});

test('if Redis has evicted the state copy that is the dictionary of a packed log, the stream counts as gone', async () => {
  const { streamId } = await ended(SOME);
  await packing.pack(streamId);
  await redis.commands.del(stateKey(streamId));
  expect(await store.read(streamId, 'base', 60_000)).toBe('gone');
});

test('a stream that is due for packing is taken by one process, and by another one if the first does not pack it', async () => {
  await redis.commands.del(ENDED_STREAMS);
  const [{ streamId: now }, { streamId: later }] = [await ended(SOME), await ended(SOME)];
  await packing.note([now], 0);
  await packing.note([later], 60_000);
  await packing.note([now], 90_000); // changes nothing: the stream is noted already
  const take = (aheadMs = 0, retryMs = 60_000) => packing.take({ limit: 10, retryMs, aheadMs });
  expect(await take(0, -1)).toEqual([now]);
  expect(await take()).toEqual([now]);
  expect(await take()).toEqual([]);
  expect(await take(60_000, 200_000)).toContain(later);
  for (const streamId of [now, later]) await packing.pack(streamId);
  expect(await redis.commands.zRange(ENDED_STREAMS, 0, -1)).toEqual([]);
});
