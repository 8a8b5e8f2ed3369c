import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCaller, type Caller } from '../testing/caller.ts';
import { figure, figuresOf } from '../testing/figures.ts';
import { openReader } from '../testing/raw-reader.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../testing/test-bed.ts';
import { checkWholeLog, countDeltas, withoutComments } from '../testing/whole-log.ts';

/** In processes of their own, so that what is counted is theirs. `writer` owns the streams, `other` follows them. */
let bed: TestBed;
let writer: SidecarProcess;
let other: SidecarProcess;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  [writer, other] = await Promise.all([bed.spawn(), bed.spawn()]);
});
beforeEach(async () => {
  caller = await createCaller(writer);
});
afterAll(() => bed.close());

const MB = 1024 * 1024;

describe('readers that do not read', () => {
  /** 15 MB, in a second and a half. */
  const LONG = { modelId: 'synthetic/1500x10000@1000', chunks: 1500, chars: 10_000 };
  const SLOW_READERS = 12;

  /** Runs a long answer to its end; the most memory that each sidecar took meanwhile. */
  async function peaksOf(whileRunning: (streamId: string) => Promise<void>): Promise<{ streamId: string; peaks: number[] }> {
    const streamId = await caller.startStream({ modelId: LONG.modelId });
    await whileRunning(streamId);
    const peaks = [0, 0];
    do {
      const now = await Promise.all([writer, other].map((sidecar) => figure(sidecar, 'process_resident_memory_bytes')));
      now.forEach((bytes, i) => (peaks[i] = Math.max(peaks[i]!, bytes)));
    } while ((await caller.state(streamId)).status === 'active');
    return { streamId, peaks };
  }

  it('cost a bounded buffer while 15 MB are written, and get every byte once they read', async () => {
    const without = await peaksOf(async () => {});
    const readers: ReturnType<typeof openReader>[] = [];
    const withThem = await peaksOf(async (streamId) => {
      for (let i = 0; i < SLOW_READERS; i++)
        readers.push(openReader(caller.at(i % 2 ? writer : other), streamId, { paused: true }));
    });
    // Half of them at each sidecar: what each of those holds for them would be 90 MB, were it held.
    for (const [i, peak] of withThem.peaks.entries()) expect((peak - without.peaks[i]!) / MB).toBeLessThan(45);

    const log = await bed.storedLog(withThem.streamId);
    expect(log.length).toBeGreaterThan(15 * 1000 * 1000);
    expect(countDeltas(checkWholeLog(log).text, LONG.chars)).toBe(LONG.chunks);
    for (const reader of readers) {
      expect(reader.bytes).toBeLessThan(log.length);
      reader.resume();
      expect(await reader.ended).toBe('clean');
      expect(withoutComments(reader.body).equals(log)).toBe(true);
    }
  }, 40_000);

  it('that come in the middle and stop again and again miss nothing', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/600x10000@300' });
    const reader = openReader(caller.at(other), streamId);
    for (let at = MB; at < 5 * MB; at += MB) {
      await reader.until(({ bytes }) => bytes > at);
      reader.pause();
      const { bytes } = await caller.state(streamId);
      await expect.poll(async () => (await caller.state(streamId)).bytes, { timeout: 5000 }).not.toBe(bytes);
      reader.resume();
    }
    expect(await reader.ended).toBe('clean');
    expect(withoutComments(reader.body).equals(await bed.storedLog(streamId))).toBe(true);
  });
});

describe('five hundred readers that leave at once', () => {
  const STREAMS = 10;
  const shardChannels = async () => (await bed.db.sendCommand(['PUBSUB', 'SHARDCHANNELS'])) as string[];
  const connections = async () => String(await bed.db.sendCommand(['CLIENT', 'LIST'])).trim().split('\n').length;
  /** Everything that a reader may leave behind. */
  const held = async (sidecar: SidecarProcess) => {
    const figures = await figuresOf(sidecar);
    const counted = [
      'rejoin_readers',
      'rejoin_followed_streams',
      'nodejs_active_handles{type="Socket"}',
      'nodejs_active_resources{type="TCPSocketWrap"}',
      'nodejs_active_resources{type="Timeout"}',
    ];
    return Object.fromEntries(counted.map((name) => [name, figures.get(name) ?? 0]));
  };

  it.each(['writes the streams', 'follows them'])(
    'leave nothing in a sidecar that %s: no timer, socket or subscription',
    async (role) => {
      const sidecar = role === 'follows them' ? other : writer;
      const streamIds = await Promise.all(
        Array.from({ length: STREAMS }, () => caller.startStream({ modelId: 'synthetic/80x40@25' })),
      );
      const before = { held: await held(sidecar), connections: await connections() };
      expect(before.held).toMatchObject({ rejoin_readers: 0, rejoin_followed_streams: 0 });

      const readers = Array.from({ length: 500 }, (_, i) =>
        openReader(caller.at(sidecar), streamIds[i % STREAMS]!, { accept: i % 5 ? undefined : 'text/plain' }),
      );
      await Promise.all(readers.map((reader) => reader.until(({ bytes }) => bytes > 40)));
      if (sidecar === other) {
        expect(await figure(other, 'rejoin_followed_streams')).toBe(STREAMS);
        expect(new Set(await shardChannels())).toEqual(new Set(streamIds.map((id) => `{stream:${id}}:bell`)));
      }
      for (const reader of readers) reader.leave();

      await expect.poll(() => held(sidecar), { timeout: 3000 }).toEqual(before.held);
      expect(await shardChannels()).toEqual([]);
      expect(await connections()).toBe(before.connections);
      expect(sidecar.output).not.toContain('MaxListenersExceededWarning');

      // The answers go on without any reader.
      for (const streamId of streamIds) expect((await caller.untilEnded(streamId)).status).toBe('completed');
      for (const streamId of streamIds)
        expect(countDeltas(checkWholeLog(await bed.storedLog(streamId)).text, 40)).toBe(80);
    },
  );
});
