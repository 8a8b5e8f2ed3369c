import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyticsAnswerSchema, type AnalyticsAnswer } from '../../shared/analytics.ts';
import type { StreamState } from '../../shared/stream/stream.ts';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

const CANARY = 'canary-7f3a what only she may know';

let bed: TestBed;
let sidecars: [TestSidecar, TestSidecar];
let alice: Caller;
let admin: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  sidecars = [await bed.start(), await bed.start()];
  alice = await createCaller(sidecars[0]);
  admin = await createCaller(sidecars[0], { isAdmin: true });
});
afterAll(() => bed.close());

const report = async (caller: Caller, query = ''): Promise<AnalyticsAnswer> => {
  const { status, text } = await caller.call('GET', `/analytics${query}`);
  expect(status, text).toBe(200);
  return analyticsAnswerSchema.parse(JSON.parse(text));
};

test('the analytics are for administrators only', async () => {
  expect(await alice.call('GET', '/analytics')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await admin.call('GET', '/analytics', { token: null })).toMatchObject({ status: 401 });
  expect((await report(admin)).step).toBe('hour');
});

test('the analytics refuse an invalid time or step', async () => {
  for (const query of ['?from=yesterday', '?step=week', '?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z'])
    expect(await admin.call('GET', `/analytics${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
});

test('each of two sidecars reports the counts of both; the stored counts contain no text, user id or stream id', async () => {
  const [one, other] = sidecars;
  const asked = { modelId: 'synthetic/20x20@200', text: CANARY };
  const first = await alice.at(one).startStream(asked);
  const second = await alice.at(other).startStream(asked);
  const endless = await alice.at(other).startStream({ ...asked, modelId: 'synthetic/5000x20@50' });
  const leaver = openReader(alice.at(other), endless);
  await leaver.until(({ bytes }) => bytes > 300);
  leaver.leave();
  await Promise.all([alice.untilEnded(first), alice.untilEnded(second)]);
  await alice.cancel(endless);

  // The other sidecar stores its counts at its next flush, or when a report is requested from it.
  await eventually('the reader is counted as one who left', async () => {
    await report(admin.at(other));
    return (await report(admin)).periods.some(({ reads }) => reads.left === 1);
  });
  const { periods } = await report(admin);
  const sum = (of: (period: (typeof periods)[number]) => number) => periods.reduce((all, each) => all + of(each), 0);
  expect([sum(({ started }) => started), sum(({ completed }) => completed)]).toEqual([3, 2]);
  expect(sum(({ cancelled }) => cancelled)).toBe(1);
  expect(sum(({ models }) => models['synthetic/20x20@200']?.firstTokenMs.reduce((a, b) => a + b, 0) ?? 0)).toBe(2);
  expect(sum(({ refused }) => refused.forbidden ?? 0)).toBe(1);
  // The figures of memory are not compared, because memory may have been measured again between the two requests.
  const lasting = (all: typeof periods) => all.map(({ memory: _memory, ...figures }) => figures);
  expect(lasting((await report(admin.at(other))).periods)).toEqual(lasting(periods));

  const kept = await Promise.all((await bed.db.keys('rejoin:analytics:*')).map((key) => bed.db.hGetAll(key)));
  expect(kept.length).toBeGreaterThan(0);
  for (const secret of ['canary', alice.userId, first]) expect(JSON.stringify(kept)).not.toContain(secret);
});

test('a report includes the counts of a sidecar that was stopped', async () => {
  const third = await bed.start();
  const streamId = await alice.at(third).startStream({ modelId: 'synthetic/3x20@0' });
  await alice.at(third).untilEnded(streamId);
  await third.stop();
  const { periods } = await report(admin);
  expect(periods.some(({ models }) => models['synthetic/3x20@0']?.completed === 1)).toBe(true);
});

test('only administrators see the owner of a stream and the number of its readers', async () => {
  const streamId = await alice.startStream({ modelId: 'synthetic/5000x20@50' });
  const reader = openReader(alice, streamId);
  const elsewhere = openReader(alice.at(sidecars[1]), streamId);
  await Promise.all([reader, elsewhere].map((each) => each.until(({ bytes }) => bytes > 300)));
  const all = async () => (await admin.call<{ streams: StreamState[] }>('GET', '/streams?all=1')).body.streams;
  // Sidecars report their readers to each other every few seconds.
  await eventually('both readers are known', async () => (await all())[0]?.readers === 2, { withinMs: 15_000 });
  expect(await all()).toMatchObject([{ streamId, userId: alice.userId }]);
  expect((await all())[0]!.owner).toBe(await bed.db.hGet(`{stream:${streamId}}:meta`, 'owner'));
  const [own] = (await alice.call<{ streams: StreamState[] }>('GET', '/streams')).body.streams;
  expect(own).not.toHaveProperty('owner');
  expect(own).not.toHaveProperty('readers');
  elsewhere.leave();
  await eventually('one reader has left', async () => (await all())[0]?.readers === 1, { withinMs: 15_000 });
  reader.leave();
  await alice.cancel(streamId);
});
