import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { framesOf, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { silentLog } from '../../../testing/open-redis.ts';
import { checkWholeLog } from '../../../testing/whole-log.ts';
import type { Model } from '../../models/model.ts';
import { createMemoryChatStore } from '../../store/chats/memory-chat-store.ts';
import { createMemoryStreamStore } from '../../store/streams/memory-stream-store.ts';
import { StoreUnavailable, type ClaimResult, type StreamStore } from '../../store/streams/stream-store.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { createEnder } from '../end/ender.ts';
import { createSettler } from '../end/settle.ts';
import { createLocalStreams } from '../read/local-streams.ts';
import { createRecovery, type TakenOver } from './recovery.ts';

const model: Model = {
  servedBy: 'test',
  continuation: 'exact',
  async *stream(): AsyncGenerator<Chunk> {
    /* never called */
  },
};

const HALF: Chunk[] = [{ type: 'start-step' }, { type: 'text-start', id: '0' }, textDelta('Half a sen')];

/**
 * A stream whose owner is lost. The memory store never lets a stream be taken over, so its `claim` is replaced by a function that
 * allows takeovers and counts lost owners.
 */
async function openScene({ bytes }: { bytes?: (epoch: string, position: number) => Buffer } = {}) {
  const limits = { ttlMs: 60_000, maxBytes: 1 << 20 };
  const memory = createMemoryStreamStore({ leaseMs: 60_000, ...limits });
  const chats = createMemoryChatStore(limits);
  const stream = { ...sampleStream(), state: Buffer.from('{"messages":[],"accumulatedContent":""}') };
  const { streamId, facts, epoch, frames } = stream;
  const { userId, chatId, parentId } = facts;
  const question = { id: parentId, role: 'user' as const, parts: [], parentId: null, createdAt: facts.startTime };
  await chats.point({ userId, chatId, seen: null, streamId, title: 'Title', instructions: '', messages: [question] });
  await memory.create(stream);
  const text = bytes?.(epoch, frames.length) ?? framesOf(HALF, epoch, frames.length);
  await memory.append([{ streamId, epoch, position: frames.length, bytes: text }]);

  let lapses = 0;
  const released = vi.fn<StreamStore['release']>(async () => true);
  const store: StreamStore = {
    ...memory,
    release: released,
    async claim(): Promise<ClaimResult> {
      const meta = (await memory.meta(streamId))!;
      if (meta.status === 'sealed') return { what: 'sealed', forMs: 5000 };
      if (meta.status === 'queued') return { what: 'queued' };
      if (meta.status !== 'active') return { what: 'ended', status: meta.status };
      if (released.mock.calls.length === 0) lapses += 1;
      const { length, base } = meta;
      return { what: 'claimed', epoch, length, base, lapses, barren: 0, isHandover: false };
    },
  };
  const settler = createSettler({ store, chats, log: silentLog });
  const resume = vi.fn<(taken: TakenOver) => void>();
  const outline = vi.fn(chats.outline);
  const recovery = createRecovery({
    store,
    chats: { ...chats, outline },
    streams: createLocalStreams({
      store,
      leaseMs: 60_000,
      telemetry: noTelemetry,
      gathering: { delayMs: 0, tally: () => {}, stop: () => {} },
      onLapsed: () => {},
    }),
    settler,
    ender: createEnder({ store, settler, telemetry: noTelemetry }),
    telemetry: noTelemetry,
    log: silentLog,
    policy: 'continue',
    resolveModel: () => model,
    resume,
    begin: async () => false,
    isOwner: () => false,
    isWilling: () => true,
  });
  const storedLog = async () => {
    const page = await memory.read(streamId, 0, 1 << 20);
    return typeof page === 'string' ? Buffer.alloc(0) : page.bytes;
  };
  return { recovery, streamId, store, resume, outline, released, storedLog, meta: () => memory.meta(streamId) };
}

describe('a takeover', () => {
  test('goes on with the answer', async () => {
    const { recovery, streamId, resume } = await openScene();
    expect(await recovery.recover(streamId)).toBe(true);
    expect(resume.mock.calls[0]![0]).toMatchObject({ streamId, attempt: 'continue', isComplete: false });
  });

  test.each(['resume', 'outline'] as const)(
    'that throws in `%s` each time counts as a lost owner, and the stream is ended after a few tries',
    async (what) => {
      const scene = await openScene();
      const { recovery, streamId, released } = scene;
      scene[what].mockImplementation(() => {
        throw new Error('It cannot be done.');
      });
      for (const _ of [1, 2, 3]) await expect(recovery.recover(streamId)).rejects.toThrow('cannot be done');
      expect(await recovery.recover(streamId)).toBe(true);
      expect(await scene.meta()).toMatchObject({ status: 'error', error: { code: 'abandoned' } });
      expect(checkWholeLog(await scene.storedLog())).toMatchObject({ status: 'error', text: 'Half a sen' });
      expect(scene[what]).toHaveBeenCalledTimes(3);
      expect(released).not.toHaveBeenCalled();
    },
  );

  test('is given up only when it no longer reads the log, because reading shows the frames to readers', async () => {
    const { recovery, streamId, store } = await openScene();
    let goOn = () => {};
    const later = new Promise<void>((resolve) => void (goOn = resolve));
    const read = vi.spyOn(store, 'read').mockImplementationOnce(() => later.then(() => 'gone'));
    const state = vi.spyOn(store, 'state').mockRejectedValueOnce(new StoreUnavailable('away'));
    const outcome = vi.fn();
    const taking = recovery.recover(streamId).catch(outcome);
    await vi.waitFor(() => expect([read, state].every(({ mock }) => mock.calls.length === 1)).toBe(true));
    await setImmediate();
    expect(outcome).not.toHaveBeenCalled();
    goOn();
    await taking;
    expect(outcome).toHaveBeenCalledWith(expect.any(StoreUnavailable));
  });

  test('that is interrupted by an outage of Redis gives up its lease, and does not count as a lost owner', async () => {
    const { recovery, streamId, outline, released, resume } = await openScene();
    outline.mockRejectedValue(new StoreUnavailable('away'));
    for (let i = 0; i < 5; i++) await expect(recovery.recover(streamId)).rejects.toThrow('away');
    expect(released).toHaveBeenCalledTimes(5);
    outline.mockRestore();
    expect(await recovery.recover(streamId)).toBe(true);
    expect(resume).toHaveBeenCalledTimes(1);
  });

  test('of a log with a frame that cannot be read ends the stream as abandoned', async () => {
    const broken = (epoch: string, position: number) => {
      const whole = framesOf(HALF, epoch, position);
      const frame = 'data: {"type":\n';
      const end = position + whole.length + frame.length;
      // Only the JSON is broken. The frame has an id line, like every frame, but the position in it is not exact.
      return Buffer.concat([whole, Buffer.from(`${frame}id: ${epoch}-${end + 12 + epoch.length}\n\n`)]);
    };
    const { recovery, streamId, resume, meta } = await openScene({ bytes: broken });
    expect(await recovery.recover(streamId)).toBe(true);
    expect(resume).not.toHaveBeenCalled();
    expect(await meta()).toMatchObject({ status: 'error', error: { code: 'abandoned' } });
  });
});
