import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sampleStream } from '../../../testing/sample-stream.ts';
import { createMemoryStreamStore } from '../../store/streams/memory-stream-store.ts';
import { StoreUnavailable, type Renewal, type StreamStore } from '../../store/streams/stream-store.ts';
import type { Generation } from './generation.ts';
import { createHeart } from './heart.ts';
import { BEATS_PER_LEASE, renewLeases } from './heartbeat.ts';

const LEASE_MS = 6000;
const TTL_MS = 3_600_000;
const BEAT_MS = LEASE_MS / BEATS_PER_LEASE;

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** Creates streams that this process writes, and records each renewal that is sent, with the number of its beat. */
async function writing({ count = 1, index }: { count?: number; index?: StreamStore['index'] } = {}) {
  const store = createMemoryStreamStore({ leaseMs: LEASE_MS, ttlMs: TTL_MS, maxBytes: 1 << 20 });
  const generations: (Generation & { lastChunkAt: number })[] = [];
  for (let i = 0; i < count; i += 1) {
    const stream = sampleStream();
    await store.create(stream);
    const { streamId, epoch, facts } = stream;
    const generation = { streamId, epoch, facts, lastChunkAt: Date.now(), renewed: () => {}, stop: () => {} };
    generations.push({ ...generation, heart: createHeart() } as Partial<Generation> as (typeof generations)[number]);
  }
  const sent: { beat: number; renewal: Renewal }[] = [];
  let beat = 0;
  let answers: StreamStore['renew'] = store.renew;
  const renew: StreamStore['renew'] = (renewals) => {
    sent.push(...renewals.map((renewal) => ({ beat, renewal })));
    return answers(renewals);
  };
  const beatOnce = (which: 'due' | 'all') =>
    renewLeases({
      store: { ...store, renew, ...(index ? { index } : {}) },
      generations,
      which,
      leaseMs: LEASE_MS,
      ttlMs: TTL_MS,
    });
  return {
    sent,
    generation: generations[0]!,
    beats: () => sent.map((one) => one.beat),
    answer: (how: StreamStore['renew'] | 'as always') => (answers = how === 'as always' ? store.renew : how),
    renewAll: () => beatOnce('all'),
    beatOnce,
    /** Advances the clock by `count` beats and calls the heartbeat after each. */
    async pass(count: number) {
      for (let i = 0; i < count; i += 1) {
        vi.advanceTimersByTime(BEAT_MS);
        beat += 1;
        const done = beatOnce('due').catch(() => {});
        await Promise.race([done, new Promise((resolve) => setImmediate(resolve))]);
      }
    },
  };
}

test('a lease is renewed when half of it is over', async () => {
  const { pass, beats } = await writing();
  await pass(12);
  // The first heartbeat renews the lease, because a part of the lease may be over by then.
  expect(beats()).toEqual([1, 4, 7, 10]);
});

test('a renewal that fails or has no answer is repeated at the next heartbeats, before the lease ends', async () => {
  for (const how of [
    () => Promise.reject(new StoreUnavailable('away')),
    () => new Promise<never>(() => {}),
  ] satisfies StreamStore['renew'][]) {
    const { pass, beats, answer } = await writing();
    answer(how);
    await pass(4);
    expect(beats()).toEqual([1, 2, 3, 4]);
    answer('as always');
    await pass(4);
    expect(beats()).toEqual([1, 2, 3, 4, 5, 8]);
  }
});

test('a renewal is sent for every stream, even if Redis does not answer or the index cannot be written', async () => {
  const full = () => Promise.reject(new StoreUnavailable('full'));
  for (const index of [undefined, full]) {
    const { beatOnce, sent, answer } = await writing({ count: 300, ...(index ? { index } : {}) });
    if (!index) answer(() => new Promise<never>(() => {}));
    await Promise.race([beatOnce('due'), delay(500)]);
    expect(sent).toHaveLength(300);
  }
});

test('one heartbeat can renew all leases, even those that are not due', async () => {
  const { pass, renewAll, beats } = await writing();
  await pass(2);
  await renewAll();
  expect(beats()).toEqual([1, 2]);
});

test('the time of the last activity is sent only if it has changed', async () => {
  const { pass, sent, generation } = await writing();
  await pass(6);
  generation.lastChunkAt = Date.now();
  await pass(6);
  expect(sent.map(({ renewal }) => renewal.lastActivity !== undefined)).toEqual([true, false, true, false]);
});

test('the first renewal of an epoch and one every two minutes are full: they also extend the TTLs', async () => {
  const { pass, sent, generation } = await writing();
  const fullBeats = () => sent.filter(({ renewal }) => renewal.isFull).map(({ beat }) => beat);
  await pass(130);
  expect(fullBeats()).toEqual([1, 121]);
  Object.assign(generation, { epoch: '2abcd' });
  await pass(3);
  expect(fullBeats()).toEqual([1, 121, 133]);
});
