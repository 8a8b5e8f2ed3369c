import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PER_STREAM = 3;
const PER_USER = 5;
const ENDLESS = 'synthetic/100000x20@20';

let bed: TestBed;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed({
    env: { MAX_READERS_PER_STREAM: String(PER_STREAM), MAX_READERS_PER_USER: String(PER_USER) },
  });
  caller = await createCaller(await bed.start());
});
afterAll(() => bed.close());

/** Readers that have received something. */
async function openReaders(streamId: string, count: number) {
  const readers = Array.from({ length: count }, () => openReader(caller, streamId));
  await Promise.all(readers.map((reader) => reader.until(({ bytes }) => bytes > 0)));
  return readers;
}
const follow = (streamId: string, options = {}) =>
  caller.call('GET', `/streams/${streamId}/events`, { headers: { accept: 'text/event-stream' }, ...options });

describe('the limit of readers', () => {
  test('refuses more readers of one answer, and admits a new reader when another has left', async () => {
    const streamId = await caller.startStream({ modelId: ENDLESS });
    const readers = await openReaders(streamId, PER_STREAM);
    const refused = await follow(streamId);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'too_many_readers', status: 429 });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await caller.state(streamId)).status).toBe('active');

    readers[0]!.leave();
    await eventually('there is room', async () => {
      const reader = openReader(caller, streamId);
      return Promise.race([
        reader.until(({ bytes }) => bytes > 0).then(() => (reader.leave(), true)),
        reader.ended.then(() => false),
      ]);
    });
    for (const reader of readers) reader.leave();
    await caller.cancel(streamId);
  });

  test('refuses more readers of one person, even if they read different answers', async () => {
    const [first, second] = [
      await caller.startStream({ modelId: ENDLESS }),
      await caller.startStream({ modelId: ENDLESS }),
    ];
    const readers = [...(await openReaders(first, PER_STREAM)), ...(await openReaders(second, PER_USER - PER_STREAM))];
    expect(await follow(second)).toMatchObject({ status: 429, body: { code: 'too_many_readers' } });
    // Another person has a limit of their own.
    const other = await createCaller(caller);
    const streamId = await other.startStream({ modelId: 'synthetic/2x20@0' });
    expect(await openReader(other, streamId).ended).toBe('clean');
    for (const reader of readers) reader.leave();
    for (const id of [first, second]) await caller.cancel(id);
  });

  test('does not count requests that were refused or had nothing more to read', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/2x20@0' });
    const { lastEventId } = await caller.untilEnded(streamId);
    for (let i = 0; i < 2 * PER_USER; i++) {
      expect(
        (await follow(streamId, { headers: { accept: 'text/event-stream', 'last-event-id': lastEventId! } })).status,
      ).toBe(204);
      expect((await follow('none')).status).toBe(404);
    }
    expect((await follow(streamId)).status).toBe(200);
  });
});
