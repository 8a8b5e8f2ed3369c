import { afterAll, describe, expect, test, vi } from 'vitest';
import { createCaller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { checkOneEnd } from '../../testing/one-end.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

// Real processes and signals are slow on a busy machine. These limits only end a test that hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CHARS = 20;
/** Time that a shutdown may take beyond DRAIN_MS. */
const SLACK_MS = 2500;

const beds: TestBed[] = [];
afterAll(() => Promise.all(beds.map((bed) => bed.close())));
async function openBed(env: Record<string, string>): Promise<TestBed> {
  const bed = await openTestBed({ env: { LEASE_MS: '1000', ...env } });
  beds.push(bed);
  return bed;
}

const lapsesOf = async ({ db }: TestBed, streamId: string) =>
  Number(await db.hGet(`{stream:${streamId}}:meta`, 'lapses'));

describe.concurrent('a sidecar that receives SIGTERM', () => {
  test('refuses new starts, finishes the answers that end within DRAIN_MS, and hands the other answers over', async () => {
    const drainMs = 4000; // long enough for the requests below, even on a busy machine
    const bed = await openBed({ DRAIN_MS: String(drainMs) });
    const [leaving, staying] = await Promise.all([bed.spawn(), bed.start()]);
    const caller = await createCaller(leaving);
    // The reader of `big` is paused, so it has not received everything when DRAIN_MS is over. The connection must be cut, because a
    // clean end would tell the reader that it has the whole answer.
    const big = await caller.startStream({ modelId: `synthetic/2000x10000@0` });
    const slow = openReader(caller, big, { paused: true });
    await eventually('the log is longer than any buffer', async () => (await caller.state(big)).bytes > 12_000_000);
    const short = await caller.startStream({ modelId: `synthetic/50x${CHARS}@50` });
    const long = await caller.startStream({ modelId: `synthetic/400x${CHARS}@50` });
    const shortReader = openReader(caller, short);
    const longReader = openReader(caller, long);
    const loyal = followLoyally([caller, caller.at(staying)], long);
    await Promise.all([shortReader, longReader].map((reader) => reader.until(({ bytes }) => bytes > 200)));

    const toldAt = performance.now();
    process.kill(leaving.pid, 'SIGTERM');
    await eventually(
      '/readyz answers 503',
      async () => (await caller.call('GET', '/readyz', { token: null })).status === 503,
    );
    const ready = await caller.call('GET', '/readyz', { token: null });
    expect(ready.body).toEqual({ status: 'draining' });
    const refused = await caller.start({ modelId: `synthetic/5x${CHARS}@0` });
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'draining' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await caller.state(long)).status).toBe('active');
    expect((await caller.at(staying).call('GET', '/readyz', { token: null })).status).toBe(200);

    expect(await shortReader.ended).toBe('clean');
    expect(checkWholeLog(shortReader.body).status).toBe('completed');
    expect(await longReader.ended).toBe('reset');
    slow.resume();
    expect(await slow.ended).toBe('reset');
    expect(await leaving.ended()).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(drainMs + SLACK_MS);
    expect(performance.now() - toldAt).toBeGreaterThan(drainMs);

    const { text, resets } = await loyal.finished;
    expect(countDeltas(text, CHARS)).toBe(400);
    expect(resets).toBe(0);
    expect(await checkOneEnd(bed, caller.at(staying), long)).toMatchObject({ status: 'completed', text });
    expect(staying.log.of('stream.recovered').map(({ streamId }) => streamId)).toContain(long);
    expect(staying.log.of('stream.recovered', short)).toEqual([]);
    expect(await lapsesOf(bed, long)).toBe(0);
  });

  test('exits without waiting if DRAIN_MS is 0, and continues its streams after a restart', async () => {
    const bed = await openBed({ DRAIN_MS: '0' });
    const sidecar = await bed.spawn();
    const caller = await createCaller(sidecar);
    const streamId = await caller.startStream({ modelId: `synthetic/100x${CHARS}@50` });
    const reader = followLoyally([caller], streamId);
    await eventually('the reader reads', () => reader.bytes > 500);
    const toldAt = performance.now();
    await sidecar.kill('SIGTERM');
    expect(performance.now() - toldAt).toBeLessThan(SLACK_MS);
    await sidecar.restart();
    const { text, log, resets } = await reader.finished;
    expect(countDeltas(text, CHARS)).toBe(100);
    expect(resets).toBe(0);
    expect(checkWholeLog(log).status).toBe('completed');
    expect(await lapsesOf(bed, streamId)).toBe(0);
  });

  test('exits at once on a second signal', async () => {
    const bed = await openBed({ DRAIN_MS: '60000' });
    const sidecar = await bed.spawn();
    const caller = await createCaller(sidecar);
    await caller.startStream({ modelId: `synthetic/100x${CHARS}@1` });
    process.kill(sidecar.pid, 'SIGTERM');
    await eventually(
      'the sidecar drains',
      async () => (await caller.call('GET', '/readyz', { token: null })).status === 503,
    );
    process.kill(sidecar.pid, 'SIGTERM');
    expect(await sidecar.ended()).toBe(1);
  });
});

describe('a rolling restart of three sidecars', () => {
  test('leaves none of thirty streams unfinished', async () => {
    const bed = await openBed({ DRAIN_MS: '2000' });
    const sidecars = await Promise.all([bed.spawn(), bed.spawn(), bed.spawn()]);
    const caller = await createCaller(sidecars[0]);
    const everywhere = sidecars.map((sidecar) => caller.at(sidecar));
    const streamIds = await Promise.all(
      Array.from({ length: 30 }, (_, i) => everywhere[i % 3]!.startStream({ modelId: `synthetic/220x${CHARS}@20` })),
    );
    const readers = streamIds.map((streamId, i) =>
      followLoyally([...everywhere.slice(i % 3), ...everywhere.slice(0, i % 3)], streamId),
    );
    await eventually('everybody reads', () => readers.every(({ bytes }) => bytes > 200));

    for (const sidecar of sidecars) await renew(sidecar);
    for (const [i, { finished }] of readers.entries()) {
      const { text, resets, log } = await finished;
      expect(countDeltas(text, CHARS)).toBe(220);
      expect(resets).toBe(0);
      expect(checkWholeLog(log).status).toBe('completed');
      await checkOneEnd(bed, caller, streamIds[i]!);
      expect(await lapsesOf(bed, streamIds[i]!)).toBe(0);
    }
    // At least the ten streams of the first sidecar were taken over. How many streams still ran when the next sidecars were restarted
    // depends on how fast processes start.
    expect(bed.log.of('stream.recovered').length).toBeGreaterThanOrEqual(10);
  });

  /** Restarts a sidecar and waits until it is ready again, as a deployment does before it restarts the next one. */
  async function renew(sidecar: SidecarProcess): Promise<void> {
    await sidecar.kill('SIGTERM');
    await sidecar.restart();
  }
});
