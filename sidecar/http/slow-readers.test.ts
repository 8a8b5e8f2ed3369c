import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { heldBytes } from '../../testing/held-memory.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas, withoutComments } from '../../testing/whole-log.ts';

// These tests are slow on a busy machine. The time limits only end a test that hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const MB = 1024 * 1024;

let bed: TestBed;
let writer: TestSidecar;
let other: TestSidecar;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  [writer, other] = await Promise.all([bed.start(), bed.start()]);
});
beforeEach(async () => {
  caller = await createCaller(writer);
});
afterAll(() => bed.close());

describe.each(['that writes the stream', 'that follows the stream'])('at the sidecar %s', (role) => {
  const here = () => caller.at(role === 'that follows the stream' ? other : writer);

  test('paused readers cost little memory while 15 MB are written, and get every byte after they resume', async () => {
    const long = { modelId: 'synthetic/1500x10000@1000?startDelayMs=300', chunks: 1500, chars: 10_000 };
    const streamId = await caller.startStream({ modelId: long.modelId });
    const readers = Array.from({ length: 5 }, () => openReader(here(), streamId));
    for (const reader of readers) {
      await reader.until(({ bytes }) => bytes > 0);
      reader.pause();
    }
    const before = heldBytes();
    await caller.untilEnded(streamId);
    // The writer keeps the whole text until the answer is stored in the conversation. Memory that is still used after that time
    // is used for readers.
    await expect.poll(() => heldBytes() - before, { timeout: 10_000, interval: 200 }).toBeLessThan(3 * MB);

    const log = await bed.storedLog(streamId);
    expect(log.length).toBeGreaterThan(15_000_000);
    expect(countDeltas(checkWholeLog(log).text, long.chars)).toBe(long.chunks);
    for (const reader of readers) {
      expect(reader.bytes).toBeLessThan(log.length / 2);
      reader.resume();
      expect(await reader.ended).toBe('clean');
      expect(withoutComments(reader.body).equals(log)).toBe(true);
    }
  });

  test('a reader that pauses several times misses nothing', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/400x10000@300' });
    const reader = openReader(here(), streamId);
    for (let at = MB / 2; at < 3 * MB; at += MB / 2) {
      await reader.until(({ bytes }) => bytes > at);
      reader.pause();
      const { bytes } = await caller.state(streamId);
      const isAhead = async () => {
        const now = await caller.state(streamId);
        return now.bytes > bytes + MB / 4 || now.status !== 'active';
      };
      await eventually('the stream is far ahead of the reader', isAhead);
      reader.resume();
    }
    expect(await reader.ended).toBe('clean');
    expect(withoutComments(reader.body).equals(await bed.storedLog(streamId))).toBe(true);
  });
});
