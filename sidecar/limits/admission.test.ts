import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCaller, newId, type Answer, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ACTIVE = 5;
const STARTS = 8;
/** A model that sends nothing for as long as a test lasts. */
const SILENT = 'synthetic/3x20@0?startDelayMs=600000';
const QUICK = 'synthetic/3x20@0';

let bed: TestBed;
let sidecars: [TestSidecar, TestSidecar];
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_ACTIVE_STREAMS_PER_USER: String(ACTIVE) } });
  sidecars = [await bed.start(), await bed.start()];
});
afterAll(() => bed.close());

const newAddress = () => randomBytes(16).toString('base64url');

/** Starts a stream for each caller, all at the same time, alternately at the first and the second sidecar. */
const startEverywhere = (callers: readonly Caller[], modelId: string) =>
  Promise.all(callers.map((caller, i) => caller.at(sidecars[i % 2]!).start({ modelId })));

async function cancelAll(caller: Caller): Promise<void> {
  const { body } = await caller.call<{ streams: { streamId: string }[] }>('GET', '/streams');
  for (const { streamId } of body.streams) await caller.cancel(streamId);
}

function expectRefused(answer: Answer<object>, code: string, maxSeconds: number): void {
  expect(answer.body).toMatchObject({ code, status: answer.status });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(maxSeconds);
}

describe('the running answers of one person', () => {
  test('never exceed the limit, even if many are started at two sidecars at the same time', async () => {
    const caller = await createCaller(sidecars[0]);
    const answers = await startEverywhere(Array<Caller>(50).fill(caller), SILENT);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(ACTIVE);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer.status).toBe(429);
      expectRefused(answer, 'too_many_streams', 5);
    }
    expect(await bed.db.sCard(`user_streams:${caller.userId}`)).toBe(ACTIVE);
    // Nothing is stored for the refused starts.
    expect(await bed.db.zCard(`user_chats:${caller.userId}`)).toBe(ACTIVE);
    await cancelAll(caller);
  });

  test('allow another start when one of them has ended, and do not limit other people', async () => {
    const caller = await createCaller(sidecars[0]);
    const streamIds: string[] = [];
    for (let i = 0; i < ACTIVE; i++) streamIds.push(await caller.at(sidecars[i % 2]!).startStream({ modelId: SILENT }));
    const request = { chatId: newId('chat'), messageId: newId('m'), modelId: SILENT };
    const refused = await caller.start(request);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ detail: 'You can have 5 answers written at the same time.' });
    expect((await caller.call('GET', `/chats/${request.chatId}`)).status).toBe(404);
    await (await createCaller(sidecars[0])).startStream({ modelId: QUICK });

    await caller.cancel(streamIds[0]!);
    expect((await caller.start(request)).status).toBe(201);
    await cancelAll(caller);
  });

  test('are found again by a repeated start, which is neither counted nor refused', async () => {
    const caller = await createCaller(sidecars[0]);
    const request = { chatId: newId('chat'), messageId: newId('m'), modelId: SILENT };
    for (let i = 1; i < ACTIVE; i++) await caller.startStream({ modelId: SILENT });
    const same = await Promise.all(Array.from({ length: 20 }, (_, i) => caller.at(sidecars[i % 2]!).start(request)));
    expect(same.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    expect((await caller.start({ modelId: SILENT })).status).toBe(429);
    expect((await caller.start(request)).status).toBe(200);
    await cancelAll(caller);
  });

  test('do not include streams that a dead process left in the index', async () => {
    const caller = await createCaller(sidecars[0]);
    const ended = await caller.startStream({ modelId: QUICK });
    await caller.untilEnded(ended);
    const key = `user_streams:${caller.userId}`;
    await eventually('the ended stream is removed', async () => (await bed.db.exists(key)) === 0);
    await bed.db.sAdd(key, [ended, 'gone1', 'gone2', 'gone3', 'gone4', 'gone5']);
    for (let i = 0; i < ACTIVE; i++) await caller.startStream({ modelId: SILENT });
    expect((await caller.start({ modelId: SILENT })).status).toBe(429);
    expect(await bed.db.sCard(key)).toBe(ACTIVE);
    await cancelAll(caller);
  });

  test('count from the moment when they are admitted, even before their streams are created', async () => {
    const caller = await createCaller(sidecars[0]);
    // As if another sidecar had admitted these streams, and had not created them yet.
    const key = `user_streams:${caller.userId}`;
    const at = Date.now() - 9_000; // in 6 s, these streams no longer count
    const ids = Array.from({ length: ACTIVE }, (_, i) => `coming${i}`);
    await bed.db.sAdd(key, ids);
    await bed.db.zAdd(
      `{${key}}:starts`,
      ids.map((value) => ({ value, score: at })),
    );
    expect((await caller.start({ modelId: SILENT })).status).toBe(429);
    // Other requests find that these streams do not exist, but do not take them out of the count.
    await caller.call('GET', `/streams/${ids[0]}`);
    await caller.call('GET', '/streams');
    await caller.call('POST', '/cleanup');
    expect((await caller.start({ modelId: SILENT })).status).toBe(429);
    // A stream that is never created counts for 15 s.
    await eventually('there is room', async () => (await caller.start({ modelId: SILENT })).status === 201);
    await cancelAll(caller);
  });
});

describe('the starts of one person in a minute', () => {
  let limited: [TestSidecar, TestSidecar];
  beforeAll(async () => {
    const env = { MAX_ACTIVE_STREAMS_PER_USER: '0', MAX_STARTS_PER_MINUTE: String(STARTS) };
    limited = [await bed.start(env), await bed.start(env)];
  });

  test('are limited over all sidecars, and a repeated start counts once', async () => {
    const caller = await createCaller(limited[0]);
    const request = { chatId: newId('chat'), messageId: newId('m'), modelId: QUICK };
    await Promise.all(Array.from({ length: 20 }, (_, i) => caller.at(limited[i % 2]!).start(request)));
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => caller.at(limited[i % 2]!).start({ modelId: QUICK })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(STARTS - 1);
    const refused = answers.filter(({ status }) => status !== 201);
    for (const answer of refused) {
      expect(answer.status).toBe(429);
      expectRefused(answer, 'rate_limited', 60);
    }
    expect(refused[0]!.body).toMatchObject({
      detail: expect.stringMatching(/^You can start 8 answers per minute\. The next one is possible in \d+ s\.$/),
    });
    expect((await caller.start(request)).status).toBe(200);
    expect((await (await createCaller(limited[0])).start({ modelId: QUICK })).status).toBe(201);
  });
});

describe('guests at one network address', () => {
  test('share the limits of one person, so that nobody gets around the limits with a new cookie', async () => {
    const address = newAddress();
    const guests = await Promise.all(Array.from({ length: 20 }, () => createCaller(sidecars[0], { address })));
    const answers = await startEverywhere(guests, SILENT);
    const admitted = guests.filter((_, i) => answers[i]!.status === 201);
    expect(admitted).toHaveLength(ACTIVE);
    const refused = answers.find(({ status }) => status !== 201)!;
    expectRefused(refused, 'too_many_streams', 5);
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('at your network address') });

    // A refused start does not count for the guest who made it. The limits of another address are not affected.
    const left = guests.find((guest) => !admitted.includes(guest))!;
    expect(await bed.db.exists(`user_streams:${left.userId}`)).toBe(0);
    const neighbour = await createCaller(sidecars[0], { address: newAddress() });
    await neighbour.startStream({ modelId: QUICK });
    // The token of a signed-in person names no address, so the limit of the address does not apply.
    await (await createCaller(sidecars[0])).startStream({ modelId: QUICK });

    await cancelAll(admitted[0]!);
    await left.startStream({ modelId: SILENT });
    for (const guest of guests) await cancelAll(guest);
    expect(JSON.stringify(bed.log.all)).not.toContain(address);
  });

  test('have the limits of the configured number of persons, or no limit', async () => {
    const start = async (sidecar: TestSidecar, guests: number) => {
      const address = newAddress();
      const callers = await Promise.all(Array.from({ length: guests }, () => createCaller(sidecar, { address })));
      const statuses: number[] = [];
      for (const caller of callers) statuses.push((await caller.start({ modelId: SILENT })).status);
      for (const caller of callers) await cancelAll(caller);
      return statuses;
    };
    const two = await bed.start({ GUESTS_PER_ADDRESS: '2' });
    expect(await start(two, 11)).toEqual([...Array(10).fill(201), 429]);
    const any = await bed.start({ GUESTS_PER_ADDRESS: '0' });
    expect(await start(any, 12)).toEqual(Array(12).fill(201));
  });
});

describe('without any Redis', () => {
  test('the same limits apply', async () => {
    const alone = await bed.start({ REDIS_URL: '', MAX_STARTS_PER_MINUTE: String(STARTS) });
    const caller = await createCaller(alone);
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.start({ modelId: SILENT })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(ACTIVE);
    await cancelAll(caller);
    for (let i = ACTIVE; i < STARTS; i++) await caller.untilEnded(await caller.startStream({ modelId: QUICK }));
    expectRefused(await caller.start({ modelId: QUICK }), 'rate_limited', 60);
  });
});
