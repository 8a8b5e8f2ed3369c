import { describe, expect, test } from 'vitest';
import { randomId, sampleStream } from '../../../testing/sample-stream.ts';
import { epochSuffix } from './epoch.ts';
import type { StreamStore } from './stream-store.ts';
import type { SweepStore, SweptPart } from './sweep-store.ts';

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const batch of batches) found.push(...batch);
  return found;
}

/** Walks from the beginning to the end, and returns everything that was found. */
export async function walkAll(sweep: SweepStore): Promise<Omit<SweptPart, 'next'>> {
  const found: SweptPart = { streams: [], userSets: [], pointers: [], next: null };
  do {
    const { streams, userSets, pointers, next } = await sweep.walk(found.next);
    found.streams.push(...streams);
    found.userSets.push(...userSets);
    found.pointers.push(...pointers);
    found.next = next;
  } while (found.next !== null);
  return found;
}

/** Every promise of {@link SweepStore}, as tests that any store must pass. */
export function sweepStoreSuite(
  name: string,
  makeStore: () => Promise<{ store: StreamStore; sweep: SweepStore }>,
): void {
  describe(`${name}: a sweep`, () => {
    test('sees every stream, its status, and whether it has an owner', async () => {
      const { store, sweep } = await makeStore();
      const active = sampleStream();
      const sealed = sampleStream();
      const ended = sampleStream();
      const deleted = sampleStream();
      for (const stream of [active, sealed, ended, deleted]) await store.create(stream);
      await store.seal(sealed.streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null });
      await store.close({
        streamId: ended.streamId,
        epoch: ended.epoch,
        finalEpoch: ended.epoch,
        position: ended.frames.length,
        frames: Buffer.from('.'),
        outcome: 'completed',
        error: null,
        sha256: '',
        lastActivity: '2026-11-22T11:00:00.000Z',
        state: { length: 0, patches: [] },
      });
      await store.remove(deleted.streamId, 'any');

      const seen = new Map((await walkAll(sweep)).streams.map((stream) => [stream.streamId, stream]));
      const { userId, chatId, startTime } = active.facts;
      expect(seen.get(active.streamId)).toEqual({
        streamId: active.streamId,
        userId,
        chatId,
        status: 'active',
        isOwned: true,
        lastActivity: startTime,
      });
      expect(seen.get(sealed.streamId)).toMatchObject({ status: 'sealed', isOwned: false });
      expect(seen.get(ended.streamId)).toMatchObject({
        status: 'completed',
        isOwned: false,
        lastActivity: '2026-11-22T11:00:00.000Z',
      });
      expect(seen.has(deleted.streamId)).toBe(false);
    });

    test('sees each of many streams', async () => {
      const { store, sweep } = await makeStore();
      const streams = Array.from({ length: 450 }, () => sampleStream());
      await Promise.all(streams.map((stream) => store.create(stream)));
      const seen = (await walkAll(sweep)).streams.map(({ streamId }) => streamId);
      expect(new Set(seen)).toEqual(new Set([...seen, ...streams.map(({ streamId }) => streamId)]));
    });

    test('sees each person’s set of active streams, and the index of all active streams', async () => {
      const { store, sweep } = await makeStore();
      const userId = randomId('user');
      const streamIds = Array.from({ length: 250 }, () => randomId('s'));
      await store.index(streamIds.map((streamId) => ({ streamId, userId })));
      const set = (await walkAll(sweep)).userSets.find((found) => found.userId === userId)!;
      expect([...set.streamIds].sort()).toEqual([...streamIds].sort());
      expect(new Set(await all(sweep.indexed()))).toEqual(new Set([...(await all(sweep.indexed())), ...streamIds]));
      for (const streamId of streamIds) await store.unindex(streamId, userId);
      expect((await walkAll(sweep)).userSets.some((found) => found.userId === userId)).toBe(false);
      const left = new Set(await all(sweep.indexed()));
      expect(streamIds.some((streamId) => left.has(streamId))).toBe(false);
    });
  });
}
