import { describe, expect, test, vi } from 'vitest';
import { framesOf, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { createMemoryStreamStore } from './memory-stream-store.ts';
import { streamStoreSuite } from './stream-store.suite.ts';
import { sweepStoreSuite } from './sweep-store.suite.ts';

// The suite runs without takeovers and losses: one process owns all streams, and keeps them for as long as it runs.
streamStoreSuite(
  'Memory',
  async (settings) => {
    const store = createMemoryStreamStore({ ...settings, maxBytes: 1 << 24 });
    return {
      store,
      other: store,
      lose: () => Promise.reject(new Error('the memory store cannot lose its data while the process runs')),
    };
  },
  [],
);

sweepStoreSuite('Memory', async () => {
  const store = createMemoryStreamStore({ leaseMs: 60_000, ttlMs: 60_000, maxBytes: 1 << 24 });
  return { store, sweep: store };
});

describe('in memory', () => {
  const MAX_BYTES = 4096;
  const makeStore = () => createMemoryStreamStore({ leaseMs: 1000, ttlMs: 60_000, maxBytes: MAX_BYTES });

  /** Creates a stream with about `bytes` bytes, and closes it if `close` is true. */
  async function fill(store: ReturnType<typeof makeStore>, bytes: number, { close }: { close: boolean }) {
    const stream = sampleStream();
    await store.create(stream);
    const { streamId, epoch, frames } = stream;
    const position = frames.length;
    const batch = { streamId, epoch, position, bytes: framesOf([textDelta('x'.repeat(bytes))], epoch, position) };
    const [appended] = await store.append([batch]);
    const length = appended!.what === 'appended' ? appended!.length : 0;
    const end = async () =>
      store.close({
        streamId,
        epoch,
        finalEpoch: epoch,
        position: length,
        frames: Buffer.from('.'),
        outcome: 'completed',
        error: null,
        sha256: '',
        lastActivity: '',
        state: { length: 0, patches: [] },
      });
    if (close) await end();
    return { streamId, epoch, length, end };
  }

  test('the store is not resumable: its data is lost when the process exits', () => {
    expect(makeStore().resumable).toBe(false);
  });

  test('the oldest ended stream is deleted first to make room for a running one', async () => {
    const store = makeStore();
    const oldest = await fill(store, 1000, { close: true });
    const newer = await fill(store, 1000, { close: true });
    await fill(store, 2500, { close: false });
    expect(await store.meta(oldest.streamId)).toBeNull();
    expect(await store.meta(newer.streamId)).not.toBeNull();
  });

  test('an append waits while running streams use all the memory, and continues when one has ended', async () => {
    const store = makeStore();
    const first = await fill(store, 3000, { close: false });
    const stream = sampleStream();
    await store.create(stream);
    const { streamId, epoch, frames } = stream;
    const bytes = framesOf([textDelta('x'.repeat(2000))], epoch, frames.length);
    let answered = false;
    const append = store.append([{ streamId, epoch, position: frames.length, bytes }]).then((answer) => {
      answered = true;
      return answer;
    });
    await store.meta(streamId);
    expect(answered).toBe(false);
    await first.end();
    expect(await append).toMatchObject([{ what: 'appended' }]);
    expect(await store.meta(first.streamId)).toBeNull();
  });

  test('no stream starts while running streams use all the memory', async () => {
    const store = makeStore();
    const running = await fill(store, 3900, { close: false });
    await expect(store.create(sampleStream())).rejects.toMatchObject({ code: 'overloaded' });
    await running.end();
    expect(await store.create(sampleStream())).toBe('created');
  });

  test('removed and expired streams disappear from `walk`, and `read` finally returns `gone` for them', async () => {
    const store = createMemoryStreamStore({ leaseMs: 2, ttlMs: 1, maxBytes: MAX_BYTES });
    const ended = await fill(store, 10, { close: true });
    const removed = await fill(store, 10, { close: false });
    await store.remove(removed.streamId, 'any');
    await vi.waitFor(async () => {
      expect((await store.walk(null)).streams).toEqual([]);
      expect(await store.read(removed.streamId, 'base', 10)).toBe('gone');
      expect(await store.read(ended.streamId, 'base', 10)).toBe('gone');
    });
  });
});
