import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { checkOneEnd } from '../../testing/one-end.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

// Real processes and signals are slow on a busy machine. These limits only end a test that hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CHARS = 20;
const LEASE_MS = 1000;
/** Every request gets its response within this time, because every command to Redis has a deadline. */
const ANSWERED_WITHIN_MS = 6000;

const beds: TestBed[] = [];
afterAll(() => Promise.all(beds.map((bed) => bed.close())));

interface Scene {
  bed: TestBed;
  owner: TestSidecar;
  other: TestSidecar;
  caller: Caller;
}
async function openScene(options: { redisArgs?: string[] } = {}): Promise<Scene> {
  const bed = await openTestBed({ ...options, env: { LEASE_MS: String(LEASE_MS) } });
  beds.push(bed);
  const [owner, other] = await Promise.all([bed.start(), bed.start()]);
  return { bed, owner, other, caller: await createCaller(owner) };
}

interface Trouble {
  name: string;
  redisArgs?: string[];
  /** Minimum duration of the trouble. */
  lastsMs: number;
  begin(scene: Scene): Promise<unknown>;
  end(scene: Scene): Promise<unknown>;
  /** True if Redis answers nothing at all during the trouble. */
  isDeaf: boolean;
  /** True if ends of streams can be stored during the trouble. */
  takesEnds: boolean;
}

const TROUBLES: Trouble[] = [
  {
    name: 'is killed and started again',
    redisArgs: ['--appendonly', 'yes'],
    lastsMs: 3000,
    begin: ({ bed }) => bed.redis.kill('SIGKILL'),
    end: ({ bed }) => bed.redis.restart(),
    isDeaf: true,
    takesEnds: false,
  },
  {
    name: 'is suspended for ten seconds',
    lastsMs: 10_000,
    begin: async ({ bed }) => bed.redis.freeze(),
    end: async ({ bed }) => bed.redis.thaw(),
    isDeaf: true,
    takesEnds: false,
  },
  {
    name: 'has no memory left',
    lastsMs: 3000,
    begin: ({ bed }) => bed.db.configSet('maxmemory', '1mb'),
    end: ({ bed }) => bed.db.configSet('maxmemory', '0'),
    isDeaf: false,
    takesEnds: true,
  },
  {
    name: 'refuses all writes',
    lastsMs: 3 * LEASE_MS,
    begin: ({ bed }) => bed.db.sendCommand(['REPLICAOF', '127.0.0.1', '1']),
    end: ({ bed }) => bed.db.sendCommand(['REPLICAOF', 'NO', 'ONE']),
    isDeaf: false,
    takesEnds: false,
  },
];

/** Checks that both sidecars refuse calls quickly, with `Retry-After`, while Redis is in trouble. */
async function expectRefusals({ caller, other }: Scene, streamId: string, isDeaf: boolean): Promise<void> {
  const askedAt = performance.now();
  const start = caller.start({ modelId: `synthetic/5x${CHARS}@0` });
  const refused = [start, caller.at(other).start({ modelId: `synthetic/5x${CHARS}@0` })];
  if (isDeaf) {
    const unknown = 'a'.repeat(26);
    const events = { headers: { accept: 'text/event-stream' } };
    const asked = [`/streams/${unknown}/events`, `/streams/${unknown}`, '/streams', '/chats', `/streams/${streamId}`];
    refused.push(...asked.map((path) => caller.at(other).call<never>('GET', path, events)));
    refused.push(caller.at(other).cleanup() as never, caller.at(other).cancel(streamId) as never);
    const ready = await caller.call('GET', '/readyz', { token: null });
    expect(ready.status).toBe(503);
    expect((await caller.call('GET', '/healthz', { token: null })).status).toBe(200);
  }
  for (const answer of await Promise.all(refused)) {
    expect(answer.body).toMatchObject({ code: 'store_unavailable' });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(performance.now() - askedAt).toBeLessThan(ANSWERED_WITHIN_MS);
}

/** Leaves no room in Redis. Sets the limit 512 KiB below the memory in use, because that memory varies by some kilobytes. */
async function fillUp({ db }: TestBed): Promise<void> {
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await db.info('memory'))![1]);
  await db.configSet('maxmemory', '0');
  await db.set(`filler:${randomUUID()}`, Buffer.alloc(1024 * 1024));
  await db.configSet('maxmemory', String((await used()) - 512 * 1024));
  await expect(db.set('filler', '')).rejects.toThrow(/^OOM/);
}

describe.concurrent('while Redis', () => {
  test.each(TROUBLES)(
    '$name, readers at the owner go on, a cancel works, and afterwards everybody has the same answer',
    async ({ redisArgs, lastsMs, begin, end, isDeaf, takesEnds }) => {
      const scene = await openScene({ redisArgs });
      const { bed, other, caller } = scene;
      const chunks = (lastsMs + 4000) / 20;
      const streamId = await caller.startStream({ modelId: `synthetic/${chunks}x${CHARS}@50` });
      const stopped = await caller.startStream({ modelId: `synthetic/${chunks}x${CHARS}@50` });
      const attached = followLoyally([caller], streamId);
      const elsewhere = followLoyally([caller.at(other)], streamId);
      const ofStopped = followLoyally([caller], stopped);
      await eventually('everybody reads', () => [attached, elsewhere, ofStopped].every(({ bytes }) => bytes > 1000));

      await begin(scene);
      const beganAt = performance.now();
      const { bytes } = attached;
      await expectRefusals(scene, streamId, isDeaf);
      // The owner notices the trouble within two seconds. From then on it sends its readers text that it cannot store.
      await eventually('the reader at the owner goes on', () => attached.bytes > bytes + 2000);
      const cancel = await caller.cancel(stopped);
      expect(cancel.status).toBe(200);
      expect(cancel.body.status).toBe('cancelled');
      if (!takesEnds) expect(cancel.body.lastEventId).toBeNull();
      const rest = Math.max(0, beganAt + lastsMs - performance.now());
      await delay(rest);
      expect(bed.log.of('stream.completed', streamId)).toEqual([]);
      await end(scene);

      const seen = await attached.finished;
      expect(countDeltas(seen.text, CHARS)).toBe(chunks);
      expect(seen).toMatchObject({ ends: ['clean'], resets: 0 });
      expect((await elsewhere.finished).text).toBe(seen.text);
      expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'completed', text: seen.text });
      expect(seen.log).toEqual(await bed.storedLog(streamId));
      // Nobody could renew a lease, so expired leases do not prove that an owner was lost.
      expect(bed.log.of('stream.recovered')).toEqual([]);

      await ofStopped.finished;
      await caller.untilEnded(stopped);
      const { status, text } = await checkOneEnd(bed, caller, stopped);
      expect(status).toBe('cancelled');
      expect((await ofStopped.finished).text).toBe(text);
      const again = await caller.at(other).startStream({ modelId: `synthetic/5x${CHARS}@0` });
      expect((await caller.untilEnded(again)).status).toBe('completed');
    },
  );

  test('is full, answers end without a gap, cleanups still run, and after them a start is accepted again', async () => {
    const { bed, owner, other, caller } = await openScene();
    const admin = await createCaller(owner, { isAdmin: true });
    const chatId = newId('chat');
    const large = await caller.startStream({ chatId: newId('chat'), modelId: 'synthetic/40x50000@0' });
    await caller.untilEnded(large);
    const chunks = 100;
    const streamId = await caller.startStream({ chatId, modelId: `synthetic/${chunks}x2000@60` });
    const attached = followLoyally([caller], streamId);
    const elsewhere = followLoyally([caller.at(other)], streamId);
    await eventually('everybody reads', () => [attached, elsewhere].every(({ bytes }) => bytes > 5000));
    await fillUp(bed);

    // Redis refused most of the appends. Their text is stored together with the end.
    const seen = await attached.finished;
    expect(countDeltas(seen.text, 2000)).toBe(chunks);
    expect(seen).toMatchObject({ ends: ['clean'], resets: 0 });
    expect((await elsewhere.finished).text).toBe(seen.text);
    expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'completed', text: seen.text });
    expect(seen.log).toEqual(await bed.storedLog(streamId));
    const chat = await caller.chat(chatId);
    expect(chat.messages.at(-1)).toMatchObject({ role: 'assistant', status: 'completed' });
    await eventually('the answer is settled', async () => (await bed.db.sCard(`user_streams:${caller.userId}`)) === 0);

    await fillUp(bed);
    const refused = await caller.start({ modelId: 'synthetic/5x20@0' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
    expect(await admin.cleanup('expired')).toMatchObject({ status: 200, body: { removed: 0 } });
    expect(await caller.cleanup('force')).toMatchObject({ status: 200, body: { removed: 2 } });
    const next = await caller.startStream({ modelId: 'synthetic/40x50000@0' });
    await caller.untilEnded(next);
    await fillUp(bed);
    expect(await admin.cleanup('force')).toMatchObject({ status: 200, body: { removed: 1 } });
    expect(await bed.db.exists('rejoin:sweeper')).toBe(0);
    expect((await caller.start({ modelId: 'synthetic/5x20@0' })).status).toBe(201);
  });

  test('loses everything, the owner of a stream writes the log again, and readers are reset', async () => {
    const { bed, other, caller } = await openScene();
    const streamId = await caller.startStream({ modelId: `synthetic/200x${CHARS}@100` });
    const attached = followLoyally([caller], streamId);
    const elsewhere = followLoyally([caller.at(other)], streamId);
    await eventually('everybody reads', () => [attached, elsewhere].every(({ bytes }) => bytes > 3000));
    await bed.db.flushAll();

    for (const { finished } of [attached, elsewhere]) {
      const seen = await finished;
      expect(countDeltas(seen.text, CHARS)).toBe(200);
      expect(seen.resets).toBe(1);
      expect(seen.ends.at(-1)).toBe('clean');
      expect(seen.log).toEqual(await bed.storedLog(streamId));
    }
    expect(checkWholeLog(await bed.storedLog(streamId)).status).toBe('completed');
    expect((await caller.untilEnded(streamId)).status).toBe('completed');
    expect((await followLoyally([caller.at(other)], streamId).finished).log).toEqual(await bed.storedLog(streamId));
    expect(bed.log.of('stream.rewritten', streamId)).toHaveLength(1);
    expect(bed.log.of('stream.recovered')).toEqual([]);
  });

  test('is down, a sidecar that starts is not ready, and the sidecar works as soon as Redis is up', async () => {
    const bed = await openTestBed();
    beds.push(bed);
    await bed.redis.kill('SIGKILL');
    const sidecar = await bed.start();
    const caller = await createCaller(sidecar);
    expect((await caller.call('GET', '/readyz', { token: null })).status).toBe(503);
    const refused = await caller.start({ modelId: 'synthetic/5x20@0' });
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'store_unavailable' });
    await bed.redis.restart();
    await eventually(
      'the sidecar is ready',
      async () => (await caller.call('GET', '/readyz', { token: null })).status === 200,
    );
    const streamId = await caller.startStream({ modelId: 'synthetic/5x20@0' });
    expect((await caller.untilEnded(streamId)).status).toBe('completed');
  });
});
