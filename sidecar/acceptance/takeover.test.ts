import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { figure } from '../../testing/figures.ts';
import { followLoyally, type LoyalReader, type Loyalty } from '../../testing/loyal-reader.ts';
import { checkOneEnd } from '../../testing/one-end.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type SidecarProcess, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

// Real processes and signals are slow on a busy machine. These limits only end a test that hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LEASE_MS = 1000;
/** Maximum time from the loss of an owner until another process continues the answers. */
const NOTICED_WITHIN_MS = LEASE_MS + 2000;
const CHARS = 20;
const env = { LEASE_MS: String(LEASE_MS) };

const epochsIn = (log: Buffer): number[] =>
  checkWholeLog(log)
    .frames.map(({ epoch }) => Number.parseInt(epoch, 10))
    .filter((epoch, i, all) => epoch !== all[i - 1]);

/** A stream that loses its owner, and a reader of this stream at the sidecar that stays. */
interface Lost {
  streamId: string;
  reader: LoyalReader;
}
async function startAndRead(caller: Caller, victim: SidecarProcess, modelId: string, minBytes: number): Promise<Lost> {
  const streamId = await caller.at(victim).startStream({ modelId });
  const reader = followLoyally([caller], streamId);
  await eventually('the reader has read', () => reader.bytes > minBytes);
  return { streamId, reader };
}

/** Milliseconds from `atMs` to the first frame that arrives more than 100 ms after `atMs`. */
const firstAfter = ({ arrivals }: Loyalty, atMs: number): number =>
  arrivals.find((arrival) => arrival.atMs > atMs + 100)!.atMs - atMs;

const meta = ({ db }: TestBed, streamId: string, field: string) => db.hGet(`{stream:${streamId}}:meta`, field);

/** Sets the lease to expired, so that another sidecar takes over without a wait. */
async function loseOwner(bed: TestBed, streamId: string, finder: TestSidecar): Promise<void> {
  const admin = await createCaller(finder, { isAdmin: true });
  const epoch = await meta(bed, streamId, 'epoch');
  await eventually('the takeover', async () => {
    await bed.db.hSet(`{stream:${streamId}}:meta`, 'lease', '1');
    await admin.cleanup('expired');
    return (await meta(bed, streamId, 'epoch')) !== epoch;
  });
}

describe('an owner that is killed', () => {
  const MODELS = {
    'continues at the cut': `synthetic/150x${CHARS}@50`,
    'repeats some text': `synthetic/150x${CHARS}@50?repeat=45`,
    'refuses to go on': `synthetic/150x${CHARS}@50?refuse=1`,
    'was about to end': `synthetic/40x${CHARS}@50?holdMs=2500`,
  };
  let bed: TestBed;
  let caller: Caller;
  let survivor: TestSidecar;
  let victim: SidecarProcess;
  let killedAt: number;
  const lost = new Map<string, Lost>();
  let away: { streamId: string; reader: LoyalReader };
  let silent: string;

  beforeAll(async () => {
    bed = await openTestBed({ env });
    [survivor, victim] = await Promise.all([bed.start(), bed.spawn()]);
    caller = await createCaller(survivor);
  });
  afterAll(() => bed.close());

  test('is noticed, and another sidecar completes each of its answers', async () => {
    const started = Object.entries(MODELS).map(async ([name, modelId]) => {
      lost.set(name, await startAndRead(caller, victim, modelId, 1000));
    });
    const awayId = await caller.at(victim).startStream({ modelId: `synthetic/150x${CHARS}@50` });
    away = { streamId: awayId, reader: followLoyally([caller.at(victim), caller], awayId) };
    silent = await caller.at(victim).startStream({ modelId: `synthetic/30x${CHARS}@100?startDelayMs=1500` });
    await Promise.all(started);
    await eventually('the reader at the victim reads', () => away.reader.bytes > 500);
    await victim.kill('SIGKILL');
    killedAt = performance.now();

    for (const [name, { streamId, reader }] of lost) {
      const seen = await reader.finished;
      // The model of 'was about to end' pauses before it ends the answer. The model of the second owner makes the whole pause again,
      // so the next frame comes later.
      if (name !== 'was about to end') expect(firstAfter(seen, killedAt)).toBeLessThan(NOTICED_WITHIN_MS);
      expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'completed', text: seen.text });
    }
    expect(bed.log.of('stream.recovered')).toHaveLength(lost.size + 2);
  });

  test.each(['continues at the cut', 'repeats some text', 'was about to end'])(
    'with a model that %s: readers of the answer do not notice the takeover',
    async (name) => {
      const { reader } = lost.get(name)!;
      const { text, log, ends, resets } = await reader.finished;
      expect(countDeltas(text, CHARS)).toBe(name === 'was about to end' ? 40 : 150);
      expect({ ends, resets }).toEqual({ ends: ['clean'], resets: 0 });
      expect(epochsIn(log)).toEqual([1, 2, 3]); // the first owner, the second one, and the end
      expect(checkWholeLog(log).chunks.filter(({ type }) => type === 'start')).toHaveLength(1);
    },
  );

  test('with a model that cannot continue: the answer is written again, and readers reconnect', async () => {
    const { reader, streamId } = lost.get('refuses to go on')!;
    const { text, ends, log } = await reader.finished;
    expect(countDeltas(text, CHARS)).toBe(150);
    expect(ends).toEqual(['reset', 'clean']);
    expect(checkWholeLog(log).chunks.filter(({ type }) => type === 'start')).toHaveLength(2);
    // A late reader gets only the last attempt.
    const late = await followLoyally([caller], streamId).finished;
    expect(late.text).toBe(text);
    expect(late.log.length).toBeLessThan(log.length);
    const asText = await caller.call('GET', `/streams/${streamId}/events`, { headers: { accept: 'text/plain' } });
    expect(asText.text).toBe(text);
  });

  test('while a reader is connected to it: the reader reconnects to another sidecar and misses no byte', async () => {
    const { text, log, resets } = await away.reader.finished;
    expect(countDeltas(text, CHARS)).toBe(150);
    expect(resets).toBe(0);
    expect(checkWholeLog(log).status).toBe('completed');
  });

  test('before the first token: the answer is written by another sidecar', async () => {
    await caller.untilEnded(silent);
    expect(countDeltas((await checkOneEnd(bed, caller, silent)).text, CHARS)).toBe(30);
  });
});

describe.concurrent('an owner that is lost in another way', () => {
  const beds: TestBed[] = [];
  const openBed = async (more: Record<string, string> = {}) => {
    const bed = await openTestBed({ env: { ...env, ...more } });
    beds.push(bed);
    return bed;
  };
  afterAll(() => Promise.all(beds.map((bed) => bed.close())));

  test('is suspended for longer than its lease: after it wakes up, it appends nothing and aborts its model calls', async () => {
    const bed = await openBed();
    const [survivor, zombie] = await Promise.all([bed.start(), bed.spawn()]);
    const caller = await createCaller(survivor);
    const { streamId, reader } = await startAndRead(caller, zombie, `synthetic/200x${CHARS}@50`, 1000);
    const ownReader = followLoyally([caller.at(zombie)], streamId);
    await eventually('its own reader reads', () => ownReader.bytes > 1000);
    zombie.freeze();
    await eventually('the takeover', () => bed.log.of('stream.recovered').length === 1, {
      withinMs: NOTICED_WITHIN_MS,
    });
    zombie.thaw();

    const { text, log, ends } = await reader.finished;
    expect(countDeltas(text, CHARS)).toBe(200);
    expect(ends).toEqual(['clean']);
    expect(epochsIn(log)).toEqual([1, 2, 3]);
    const own = await ownReader.finished;
    expect(own.text).toBe(text);
    expect(own.log).toEqual(log);
    expect(await figure(zombie, 'rejoin_generations')).toBe(0);
    await checkOneEnd(bed, caller, streamId);
    expect(bed.log.of('stream.completed', streamId)).toHaveLength(1);
  });

  test('is suspended for a while, and no other sidecar runs: after it wakes up, it continues its own streams', async () => {
    const bed = await openBed({ LEASE_MS: '300' });
    const sidecar = await bed.spawn();
    const caller = await createCaller(sidecar);
    const { streamId, reader } = await startAndRead(caller, sidecar, `synthetic/100x${CHARS}@50`, 500);
    sidecar.freeze();
    const lease = async () => Number(await meta(bed, streamId, 'lease'));
    await eventually('the lease is long over', async () => (await lease()) < Date.now() - 500);
    sidecar.thaw();
    const { text, log, ends } = await reader.finished;
    expect(countDeltas(text, CHARS)).toBe(100);
    expect(ends).toEqual(['clean']);
    expect(epochsIn(log)).toEqual([1, 2]);
    expect(bed.log.of('stream.recovered')).toEqual([]);
  });
});

describe.each([
  { recovery: 'restart', what: 'written again from the beginning', status: 'completed' },
  { recovery: 'fail', what: 'ended with the part so far', status: 'error' },
])('with RECOVERY=$recovery', ({ recovery, what, status }) => {
  let bed: TestBed;
  afterAll(() => bed.close());

  test(`the answer of a lost owner is ${what}, for readers at any sidecar`, async () => {
    bed = await openTestBed({ env: { ...env, RECOVERY: recovery } });
    const sidecars = await Promise.all([bed.start(), bed.start(), bed.start()]);
    const [owner, finder] = sidecars;
    const caller = await createCaller(owner);
    const streamId = await caller.startStream({ modelId: `synthetic/100x${CHARS}@40` });
    const readers = sidecars.map((sidecar) => followLoyally([caller.at(sidecar)], streamId));
    const textReaders = sidecars.map((sidecar) => openReader(caller.at(sidecar), streamId, { accept: 'text/plain' }));
    await eventually('everybody reads', () => readers.every(({ bytes }) => bytes > 1000));
    await eventually('the plain-text readers read as well', () => textReaders.every(({ bytes }) => bytes > 0));
    await loseOwner(bed, streamId, finder);

    const { text } = checkWholeLog((await readers[0]!.finished).log);
    for (const { finished } of readers) {
      const seen = await finished;
      expect(seen.text).toBe(text);
      expect(seen.ends.at(-1)).toBe('clean');
      // If the answer is written again from the beginning, its readers are cut. A reader that reconnects before its sidecar knows
      // about the takeover is cut once more.
      const cuts = seen.ends.slice(0, -1);
      expect(cuts.every((end) => end === 'reset')).toBe(true);
      expect(cuts.length > 0).toBe(recovery === 'restart');
    }
    // The text that the plain-text readers have received is not the whole answer, so their responses must not end cleanly.
    for (const textReader of textReaders) expect(await textReader.ended).toBe('reset');
    const state = await caller.untilEnded(streamId);
    expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status, text });
    const deltas = countDeltas(text, CHARS);
    if (status === 'error') {
      expect(deltas).toBeGreaterThan(0);
      expect(deltas).toBeLessThan(100);
      expect(state.error?.code).toBe('abandoned');
    } else expect(deltas).toBe(100);
  });
});

describe('the number of owners that a stream may lose', () => {
  let bed: TestBed;
  let sidecars: TestSidecar[];
  let caller: Caller;
  beforeAll(async () => {
    bed = await openTestBed({ env });
    sidecars = await Promise.all([bed.start(), bed.start()]);
    caller = await createCaller(sidecars[0]!);
  });
  afterAll(() => bed.close());

  test('is three: the fourth loss ends the answer with its text so far', async () => {
    const streamId = await caller.startStream({ modelId: `synthetic/5000x${CHARS}@100` });
    for (let loss = 1; loss <= 4; loss++) {
      const { bytes } = await caller.state(streamId);
      await eventually('the owner writes on', async () => (await caller.state(streamId)).bytes > bytes);
      expect((await caller.state(streamId)).status).toBe('active');
      await loseOwner(bed, streamId, sidecars[loss % 2]!);
    }
    const state = await caller.untilEnded(streamId);
    expect(state).toMatchObject({ status: 'error', error: { code: 'abandoned' } });
    const recoveries = bed.log.of('stream.recovered', streamId).map(({ lapses, policy }) => [lapses, policy]);
    expect(recoveries.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [1, 'continue'],
      [2, 'continue'],
      [3, 'continue'],
      [4, 'fail'],
    ]);
    expect(countDeltas((await checkOneEnd(bed, caller, streamId)).text, CHARS)).toBeGreaterThan(0);
  });

  test('is only one if no owner writes a token: the second loss ends the answer', async () => {
    const streamId = await caller.startStream({ modelId: `synthetic/10x${CHARS}@100?startDelayMs=600000` });
    await loseOwner(bed, streamId, sidecars[1]!);
    expect((await caller.state(streamId)).status).toBe('active');
    await loseOwner(bed, streamId, sidecars[0]!);
    expect(await caller.untilEnded(streamId)).toMatchObject({ status: 'error', error: { code: 'abandoned' } });
    expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'error', text: '' });
  });
});
