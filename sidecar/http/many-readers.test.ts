import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { figure, readFigures } from '../../testing/figures.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

// Real processes with hundreds of connections are slow on a busy machine. These limits only end a test that hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/**
 * Each sidecar runs in a process of its own, because sockets and timers are counted for a whole process. `writer` owns the
 * streams, and `other` follows the streams.
 */
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

describe('five hundred readers that disconnect at the same time', () => {
  const STREAMS = 10;
  const shardChannels = async () => (await bed.db.sendCommand(['PUBSUB', 'SHARDCHANNELS'])) as string[];
  const connections = async () =>
    String(await bed.db.sendCommand(['CLIENT', 'LIST']))
      .trim()
      .split('\n').length;
  /** Everything that a reader may leave behind. */
  const held = async (sidecar: SidecarProcess): Promise<Record<string, number>> => {
    const figures = await readFigures(sidecar);
    return {
      rejoin_readers: figures.sum('rejoin_readers'),
      rejoin_followed_streams: figures.sum('rejoin_followed_streams'),
      sockets: figures.sum('nodejs_active_handles', { type: 'Socket' }),
      tcp: figures.sum('nodejs_active_resources', { type: 'TCPSocketWrap' }),
      timers: figures.sum('nodejs_active_resources', { type: 'Timeout' }),
    };
  };

  test.each(['writes the streams', 'follows the streams'])(
    'leave nothing in a sidecar that %s: no timer, socket or subscription',
    async (role) => {
      const sidecar = role === 'follows the streams' ? other : writer;
      const streamIds = await Promise.all(
        Array.from({ length: STREAMS }, () => caller.startStream({ modelId: 'synthetic/100000x40@20' })),
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

      await eventually('the sidecar holds no more than before', async () =>
        Object.entries(await held(sidecar)).every(([name, count]) => count <= before.held[name]!),
      );
      await eventually('nothing is subscribed', async () => (await shardChannels()).length === 0);
      await eventually('the connections are as before', async () => (await connections()) === before.connections);
      expect(sidecar.output).not.toContain('MaxListenersExceededWarning');

      // The answers go on without any reader.
      const lengths = await Promise.all(streamIds.map((streamId) => bed.db.strLen(`{stream:${streamId}}:log`)));
      for (const [i, streamId] of streamIds.entries()) {
        await eventually('the answer goes on', async () => (await caller.state(streamId)).bytes > lengths[i]!);
        await caller.cancel(streamId);
        expect(countDeltas(checkWholeLog(await bed.storedLog(streamId)).text, 40)).toBeGreaterThan(0);
      }
    },
  );
});
