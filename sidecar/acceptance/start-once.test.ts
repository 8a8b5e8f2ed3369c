import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

// Real processes and signals are slow on a busy machine. These limits only end a test that hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LEASE_MS = 1000;
/** The end of a lease is noticed within this time: recovery checks all leases once a second, and a check takes a while. */
const NOTICED_MS = 2000;

let bed: TestBed;
let sidecars: SidecarProcess[];
let victim: SidecarProcess;
beforeAll(async () => {
  bed = await openTestBed({ env: { LEASE_MS: String(LEASE_MS) } });
  [victim, ...sidecars] = (await Promise.all([bed.spawn(), bed.spawn(), bed.spawn()])) as [
    SidecarProcess,
    ...SidecarProcess[],
  ];
});
afterAll(() => bed.close());

describe('many simultaneous starts at three sidecars', () => {
  const request = { chatId: 'c1', messageId: 'm1', modelId: 'synthetic/50x20@200' };
  const startEverywhere = (caller: Caller) =>
    Promise.all(Array.from({ length: 100 }, (_, i) => caller.at([victim, ...sidecars][i % 3]!).start(request)));

  test('cause one stream and one model call if they are for one message, even after the stream has ended', async () => {
    const caller = await createCaller(victim);
    const answers = await startEverywhere(caller);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(99).fill(200), 201]);
    const streamIds = new Set(answers.map(({ body }) => body.streamId));
    expect(streamIds.size).toBe(1);
    const streamId = [...streamIds][0]!;

    expect((await caller.untilEnded(streamId)).status).toBe('completed');
    const after = await startEverywhere(caller);
    expect(after.map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect(new Set(after.map(({ body }) => `${body.streamId} ${body.status}`))).toEqual(
      new Set([`${streamId} completed`]),
    );

    expect(bed.log.of('stream.started')).toHaveLength(1);
    const log = checkWholeLog(await bed.storedLog(streamId));
    expect(countDeltas(log.text, 20)).toBe(50);
    // One owner wrote everything. The end of a stream has an epoch of its own.
    expect(new Set(log.frames.map(({ epoch }) => Number.parseInt(epoch, 10)))).toEqual(new Set([1, 2]));
    expect((await caller.chat('c1')).messages).toHaveLength(2);
    expect((await caller.chat('c1')).stream).toBeNull();
  });

  test('cause one stream if they are for ten messages in one chat: nine starts are refused with the id of the stream', async () => {
    const caller = await createCaller(victim);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        caller
          .at([victim, ...sidecars][i % 3]!)
          .start({ chatId: 'c1', messageId: `m${i}`, modelId: 'synthetic/500x20@50' }),
      ),
    );
    const won = answers.filter(({ status }) => status === 201);
    expect(won).toHaveLength(1);
    const { streamId } = won[0]!.body;
    for (const { status, body } of answers.filter((answer) => answer !== won[0])) {
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'stream_active', streamId });
    }
    // The other starts created nothing that a sidecar could take over.
    const stored = await bed.db.keys('{stream:*}:meta');
    const metas = await Promise.all(stored.map((key) => bed.db.hGetAll(key)));
    expect(metas.filter(({ userId }) => userId === caller.userId)).toMatchObject([{ status: 'active' }]);
    for (const indexed of await bed.db.zRange('active_streams', 0, -1)) {
      expect(stored).toContain(`{stream:${indexed}}:meta`);
    }
    await caller.cancel(streamId);
    expect((await caller.call('GET', '/streams')).body).toEqual({ streams: [] });
    expect(await bed.db.sCard(`user_streams:${caller.userId}`)).toBe(0);
  });
});

/**
 * The steps of a start, in order. Each test is about a process that was killed after one of them. All starts reach the last step,
 * and then the process is killed. For a test about an earlier step, `beforeAll` removes from Redis what the later steps have written.
 */
const STEPS = ['the chat points at the stream', 'the stream is in the indexes', 'the model is called'] as const;

describe('a process that is killed during a start', () => {
  const modelId = 'synthetic/20x20@200?startDelayMs=1500';
  let killedAt: number;
  const left = new Map<string, { same: Caller; other: Caller; sameStream: string; otherStream: string }>();

  beforeAll(async () => {
    for (const step of STEPS) {
      const [same, other] = [await createCaller(victim), await createCaller(victim)];
      const request = { chatId: 'c1', messageId: 'm1', modelId: 'synthetic/20x20@200?startDelayMs=1500' };
      const [sameStream, otherStream] = [await same.startStream(request), await other.startStream(request)];
      left.set(step, { same, other, sameStream, otherStream });
    }
    await victim.kill('SIGKILL');
    killedAt = Date.now();
    const undo = bed.db.multi();
    for (const [index, step] of STEPS.entries()) {
      const { same, other, sameStream, otherStream } = left.get(step)!;
      for (const [{ userId }, streamId] of [
        [same, sameStream],
        [other, otherStream],
      ] as const) {
        if (index < 2) undo.del([`stream:${streamId}`, `{stream:${streamId}}:log`, `{stream:${streamId}}:meta`]);
        if (index < 1) undo.zRem('active_streams', streamId).sRem(`user_streams:${userId}`, streamId);
      }
    }
    await undo.exec();
  });

  test.concurrent.each(STEPS)(
    'when %s: the same start at another sidecar gets the answer, which is written once',
    async (step) => {
      const { same, sameStream } = left.get(step)!;
      const caller = same.at(sidecars[0]!);
      const again = await caller.start({ chatId: 'c1', messageId: 'm1', modelId });
      expect(again.body).toMatchObject({ streamId: sameStream });
      expect(again.status).toBe(step === STEPS[2] ? 200 : 201);

      const { log } = await followLoyally([caller], sameStream).finished;
      const whole = checkWholeLog(log);
      expect(whole.status).toBe('completed');
      expect(countDeltas(whole.text, 20)).toBe(20);
      expect((await caller.chat('c1')).messages.map(({ id }) => id)).toEqual([expect.any(String), 'm1']);
    },
  );

  test.concurrent.each(STEPS)(
    'when %s: another message can be started in the chat after at most one lease, or after a cancel',
    async (step) => {
      const { other, otherStream } = left.get(step)!;
      const caller = other.at(sidecars[1]!);
      const isCreated = step === STEPS[2];
      const next = { chatId: 'c1', messageId: newId('m'), modelId };
      const deadline = killedAt + LEASE_MS + NOTICED_MS;
      for (;;) {
        const { status, body } = await caller.start(next);
        if (status === 201) break;
        expect(status).toBe(409);
        expect(body).toMatchObject({ code: 'stream_active', streamId: otherStream });
        if (isCreated) {
          // A stream that was created can be cancelled at any time.
          expect((await caller.cancel(otherStream)).body.status).toBe('cancelled');
          continue;
        }
        expect(Date.now()).toBeLessThan(deadline);
        await delay(50);
      }
      expect(Date.now()).toBeLessThan(deadline + NOTICED_MS);
    },
  );
});
