import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startRedis, type TestRedis } from '../../../testing/start-redis.ts';
import { pause } from '../../../scripts/shared/wait.ts';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { logKey } from '../../store/redis/keys.ts';
import { createRedisStreamStore } from '../../store/streams/redis-stream-store.ts';
import type { Batch, StreamStore } from '../../store/streams/stream-store.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { openFlakyProxy, type Fault } from '../../../testing/flaky-proxy.ts';
import { openRedis } from '../../../testing/open-redis.ts';
import { createRandom, randomText, type Random } from '../../../testing/random.ts';
import { randomId, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { framesIn } from '../../../testing/whole-log.ts';
import { createGroupCommit } from './group-commit.ts';
import { createLiveLog } from '../log/live-log.ts';
import { createLogWriter } from './log-writer.ts';
import { chunksIn } from '../log/read-frames.ts';

const SETTINGS = { leaseMs: 600_000, ttlMs: 600_000 };
const GROUPS = 10;
const STREAMS_PER_GROUP = 10;
const MAX_FAULTS_PER_GROUP = 10;
const KILLS = 4;

let redis: TestRedis;
beforeAll(async () => {
  // With these settings, a Redis that is killed loses nothing that it has acknowledged.
  redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
});
afterAll(() => redis.stop());

/** Stands for one sidecar process. Its connection to Redis goes through a proxy, and `decide` chooses the faults of the proxy. */
async function openProcess(decide?: (request: Buffer) => Fault | null) {
  const proxy = await openFlakyProxy({ port: redis.port, decide });
  const connection = await openRedis({ url: proxy.url, leaseMs: SETTINGS.leaseMs });
  const store = createRedisStreamStore({ redis: connection, owner: randomId('owner'), ...SETTINGS });
  /** All batches that were ever sent. */
  const sent: Batch[] = [];
  /** The results of the batches, and `lost` for each call that failed. */
  const answers: string[] = [];
  const watched: Pick<StreamStore, 'append' | 'batchesPerAppend'> = {
    batchesPerAppend: store.batchesPerAppend,
    async append(batches) {
      sent.push(...batches.map((batch) => ({ ...batch, bytes: Buffer.from(batch.bytes) })));
      try {
        const results = await store.append(batches);
        answers.push(...results.map(({ what }) => what));
        return results;
      } catch (error) {
        answers.push('lost');
        throw error;
      }
    },
  };
  const commit = createGroupCommit({
    store: watched,
    gathering: { delayMs: 0, tally: () => {} },
    telemetry: noTelemetry,
  });
  onTestFinished(async () => {
    commit.stop();
    connection.close();
    await proxy.close();
  });
  return { proxy, connection, store, commit, sent, answers };
}

type Process = Awaited<ReturnType<typeof openProcess>>;

/** Creates a stream that the given process writes and one reader follows. */
async function openStream({ store, commit }: Pick<Process, 'store' | 'commit'>) {
  const stream = sampleStream();
  await vi.waitFor(async () => {
    // The reply to the creation may be lost; the repeated call then reports that the stream exists.
    await store.create(stream);
  });
  const live = createLiveLog(0, null);
  live.push(stream.frames);
  live.show(stream.frames.length);
  const told: string[] = [];
  const writer = createLogWriter({
    streamId: stream.streamId,
    epoch: stream.epoch,
    live,
    hash: createHash('sha256').update(stream.frames),
    commit,
    onFramed: () => {},
    onFenced: () => void told.push('fenced'),
    onLost: () => void told.push('lost'),
  });
  const seen: Buffer[] = [stream.frames];
  live.join({ deliver: (bytes) => (seen.push(bytes), true), release: (why) => void told.push(why) });
  return { streamId: stream.streamId, epoch: stream.epoch, writer, told, shown: () => Buffer.concat(seen) };
}

type OpenStream = Awaited<ReturnType<typeof openStream>>;

async function storedLog({ connection }: Process, streamId: string): Promise<Buffer> {
  return (await connection.pages.get(logKey(streamId))) as unknown as Buffer;
}

/** The chunks with adjacent deltas joined, so that it does not matter how the writer has joined them. */
function joined(chunks: Iterable<Chunk>): Chunk[] {
  const all: Chunk[] = [];
  for (const chunk of chunks) {
    const last = all.at(-1);
    if (last?.type === 'text-delta' && chunk.type === 'text-delta' && last.id === chunk.id)
      last.delta = String(last.delta) + String(chunk.delta);
    else all.push({ ...chunk });
  }
  return all;
}

/** Checks that the log in Redis equals the bytes that its reader got, the written chunks, and the sent bytes. */
async function expectExact(process: Process, stream: OpenStream, written: readonly Chunk[]): Promise<void> {
  const log = await storedLog(process, stream.streamId);
  expect(stream.told).toEqual([]);
  expect(log.equals(stream.shown())).toBe(true);
  let position = 0;
  for (const frame of framesIn(log)) expect(frame.position).toBe((position += frame.bytes));
  expect(position).toBe(log.length);
  expect(joined(chunksIn(log)).slice(1)).toEqual(joined(written));
  expect(stream.writer.hash().digest('hex')).toBe(createHash('sha256').update(log).digest('hex'));
  for (const { bytes, position: at } of process.sent.filter(({ streamId }) => streamId === stream.streamId))
    expect(bytes.equals(log.subarray(at, at + bytes.length))).toBe(true);
}

/** Writes text and other chunks with random pauses, and waits whenever there is no room. */
async function writeAtRandom(random: Random, { writer }: OpenStream): Promise<Chunk[]> {
  const written: Chunk[] = [];
  for (let i = random.int(60, 140); i > 0; i--) {
    const chunk: Chunk = random.chance(0.1)
      ? { type: 'data-note', data: randomText(random, random.int(0, 40)) }
      : textDelta(`${i} ${randomText(random, random.int(0, 12))}`, random.pick(['a', 'a', 'b']));
    written.push(structuredClone(chunk));
    writer.write(chunk);
    if (writer.isFull) await writer.room();
    if (random.chance(0.5)) await pause(random.int(0, 60));
  }
  return written;
}

describe('a writer that does not get all replies of Redis', () => {
  test(
    'writes each log exactly, even if replies are lost and Redis is killed again and again',
    { timeout: 60_000 },
    async () => {
      let isOver = false;
      const groups = await Promise.all(
        Array.from({ length: GROUPS }, async (_, group) => {
          const random = createRandom(group + 1);
          let faultsLeft = MAX_FAULTS_PER_GROUP;
          const process = await openProcess((request) => {
            const isAppend = request.includes('"type":');
            if (isOver || faultsLeft === 0 || !isAppend || !random.chance(0.15)) return null;
            faultsLeft -= 1;
            return random.pick(['lose-reply', 'lose-reply', 'lose-request', 'cut-request']);
          });
          const streams = await Promise.all(Array.from({ length: STREAMS_PER_GROUP }, () => openStream(process)));
          return { process, streams };
        }),
      );
      const kills = (async () => {
        const random = createRandom(99);
        for (let i = 0; i < KILLS; i++) {
          await pause(random.int(200, 500));
          await redis.kill('SIGKILL');
          await redis.restart();
        }
      })();
      const runs = await Promise.all(
        groups.flatMap(({ process, streams }, group) =>
          streams.map(async (stream, i) => {
            const written = await writeAtRandom(createRandom(1000 + group * STREAMS_PER_GROUP + i), stream);
            return { process, stream, written };
          }),
        ),
      );
      await kills;
      isOver = true;
      await Promise.all(runs.map(({ stream }) => stream.writer.settled()));

      expect(runs).toHaveLength(100);
      for (const { process, stream, written } of runs) await expectExact(process, stream, written);
      // The run had enough losses of each kind.
      const faults = groups.flatMap(({ process }) => process.proxy.faults);
      for (const fault of ['lose-reply', 'lose-request', 'cut-request'] as const)
        expect(faults.filter((other) => other === fault).length).toBeGreaterThan(3);
      const answers = groups.flatMap(({ process }) => process.answers);
      expect(answers.filter((answer) => answer === 'lost').length).toBeGreaterThan(20);
      expect(answers.filter((answer) => answer === 'elsewhere').length).toBeGreaterThan(20);
    },
  );

  test('keeps showing chunks while Redis hangs, and stores everything exactly once after Redis answers again', async () => {
    const process = await openProcess();
    const stream = await openStream(process);
    const { writer } = stream;
    writer.write(textDelta('before '));
    await writer.settled();
    const stored = writer.stored;
    process.proxy.hold();
    writer.write(textDelta('while it hangs '));
    await vi.waitFor(() => expect(writer.memoryMode).toBe(true), { timeout: 5000 });
    writer.write(textDelta('and on ', 'b'));
    await vi.waitFor(() => expect(stream.shown().toString()).toContain('and on '));
    expect(writer.stored).toBe(stored);
    // The proxy holds only replies: Redis has stored the bytes, but the store gives the call up after a while.
    await vi.waitFor(() => expect(process.answers).toContain('lost'), { timeout: 8000 });
    process.proxy.release();
    await writer.settled();
    expect(writer.memoryMode).toBe(false);
    await expectExact(process, stream, [textDelta('before '), textDelta('while it hangs '), textDelta('and on ', 'b')]);
    expect(process.answers).toContain('elsewhere');
  });
});

describe('a writer whose log was changed in Redis', () => {
  /** Cuts a log at the end of one of its appends, as a failover may do. */
  async function loseFrom(process: Process, streamId: string, position: number): Promise<void> {
    const log = await storedLog(process, streamId);
    await process.connection.commands.set(logKey(streamId), log.subarray(0, position));
  }

  test('writes lost bytes again, unchanged', async () => {
    const process = await openProcess();
    for (let seed = 1; seed <= 20; seed++) {
      const random = createRandom(seed);
      const stream = await openStream(process);
      const written: Chunk[] = [];
      const ends: number[] = [stream.writer.end];
      for (let i = 0; i < 30; i++) {
        const chunk = textDelta(randomText(random, random.int(1, 9)), random.pick(['a', 'b']));
        written.push(structuredClone(chunk));
        stream.writer.write(chunk);
        if (random.chance(0.7)) {
          await stream.writer.settled();
          ends.push(stream.writer.stored);
        }
        if (random.chance(0.15)) {
          await stream.writer.settled();
          await loseFrom(process, stream.streamId, random.pick(ends));
        }
      }
      stream.writer.write({ type: 'text-end', id: 'a' });
      await stream.writer.settled();
      await expectExact(process, stream, [...written, { type: 'text-end', id: 'a' }]);
    }
  });

  test('reports a lost log, and writes nothing into a log that was sealed', async () => {
    const process = await openProcess();
    const gone = await openStream(process);
    await process.store.remove(gone.streamId, 'any');
    gone.writer.write(textDelta('to nowhere'));
    await gone.writer.settled();
    expect(gone.told).toEqual(['lost']);

    const sealed = await openStream(process);
    await process.store.seal(sealed.streamId, { suffix: 'abcd', outcome: 'cancelled', error: null });
    const before = await storedLog(process, sealed.streamId);
    sealed.writer.write(textDelta('too late'));
    await sealed.writer.settled();
    expect(sealed.told).toEqual(['fenced']);
    expect(await storedLog(process, sealed.streamId)).toEqual(before);
  });
});

describe('one call for many streams', () => {
  test('contains everything that they have written since the last call', async () => {
    const process = await openProcess();
    const calls: number[] = [];
    const append = vi.fn((batches: readonly Batch[]) => (calls.push(batches.length), process.store.append(batches)));
    const commit = createGroupCommit({
      store: { batchesPerAppend: 128, append },
      gathering: { delayMs: 0, tally: () => {} },
      telemetry: noTelemetry,
    });
    onTestFinished(() => commit.stop());
    const many = await Promise.all(Array.from({ length: 20 }, () => openStream({ store: process.store, commit })));
    for (const { writer } of many) for (let i = 0; i < 5; i++) writer.write(textDelta(`${i}`));
    await Promise.all(many.map(({ writer }) => writer.settled()));
    expect(calls).toEqual([20]);
  });

  test('has at most as many streams as the store accepts', async () => {
    const calls: number[] = [];
    const process = await openProcess();
    const append = vi.fn((batches: readonly Batch[]) => (calls.push(batches.length), process.store.append(batches)));
    const commit = createGroupCommit({
      store: { batchesPerAppend: 8, append },
      gathering: { delayMs: 0, tally: () => {} },
      telemetry: noTelemetry,
    });
    onTestFinished(() => commit.stop());
    const many = await Promise.all(Array.from({ length: 20 }, () => openStream({ store: process.store, commit })));
    for (const { writer } of many) writer.write(textDelta('Hello'));
    await Promise.all(many.map(({ writer }) => writer.settled()));
    expect(calls).toEqual([8, 8, 4]);
  });

  test('is split into single calls if Redis refuses it because of one stream', async () => {
    const process = await openProcess();
    const good = await Promise.all(Array.from({ length: 3 }, () => openStream(process)));
    const bad = await openStream(process);
    await process.connection.commands.del(logKey(bad.streamId));
    await process.connection.commands.lPush(logKey(bad.streamId), 'not a log');
    for (const { writer } of [...good, bad]) writer.write(textDelta('Hello'));
    await Promise.all(good.map(({ writer }) => writer.settled()));
    for (const stream of good) await expectExact(process, stream, [textDelta('Hello')]);
    bad.writer.stop();
  });
});
