import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

const QUICK = 'synthetic/3x20@0';
const SILENT = 'synthetic/3x20@0?startDelayMs=600000';
const TTL_SECONDS = 3600;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let bed: TestBed;
let sidecar: TestSidecar;
let other: TestSidecar;
let caller: Caller;
let admin: Caller;
beforeAll(async () => {
  bed = await openTestBed({ env: { STREAM_TTL_SECONDS: String(TTL_SECONDS) } });
  [sidecar, other] = await Promise.all([bed.start(), bed.start()]);
  admin = await createCaller(sidecar, { isAdmin: true });
});
beforeEach(async () => {
  caller = await createCaller(sidecar);
});
afterAll(() => bed.close());

const metaKey = (streamId: string) => `{stream:${streamId}}:meta`;
const exists = async (streamId: string) => (await bed.db.exists(`{stream:${streamId}}:log`)) === 1;

async function ended(person: Caller): Promise<string> {
  const streamId = await person.startStream({ modelId: QUICK });
  await person.untilEnded(streamId);
  await eventually('the answer is settled', async () => (await bed.db.sCard(`user_streams:${person.userId}`)) === 0);
  return streamId;
}
/** Makes a stream look as if it has expired and Redis has not removed it yet. */
const age = (streamId: string) =>
  bed.db.hSet(metaKey(streamId), 'lastActivity', new Date(Date.now() - (TTL_SECONDS + 1) * 1000).toISOString());
/** Makes a stream look as if its owner was killed long ago and recovery has not found it yet. */
const loseOwner = (streamId: string) => bed.db.hSet(metaKey(streamId), 'lease', '1');

describe('a cleanup', () => {
  test('of expired streams removes only those', async () => {
    const [old, young] = [await ended(caller), await ended(caller)];
    const active = await caller.startStream({ modelId: SILENT });
    await age(old);
    const { status, body } = await caller.cleanup('expired');
    expect(status).toBe(200);
    expect(body).toEqual({ action: 'expired', scanned: 3, removed: 1, mended: 0, recovered: 0 });
    expect(await Promise.all([old, young, active].map(exists))).toEqual([false, true, true]);
    expect((await caller.call('GET', `/streams/${old}`)).status).toBe(404);
    await caller.cancel(active);
  });

  test('removes the stream of a deleted chat if the process that deleted the chat died before it removed the stream', async () => {
    const streamIds = await Promise.all(
      ['c-deleted', 'c-kept', 'c-deleted-too'].map((chatId) => caller.startStream({ modelId: QUICK, chatId })),
    );
    await Promise.all(streamIds.map((streamId) => caller.untilEnded(streamId)));
    await eventually('all are settled', async () => (await bed.db.sCard(`user_streams:${caller.userId}`)) === 0);
    await bed.db.del(`chat:${caller.userId}:c-deleted`);
    expect((await caller.cleanup('expired')).body).toMatchObject({ removed: 1 });
    expect(await Promise.all(streamIds.map(exists))).toEqual([false, true, true]);
    await bed.db.del(`chat:${caller.userId}:c-deleted-too`);
    expect((await admin.cleanup('expired')).status).toBe(200);
    expect(await Promise.all(streamIds.map(exists))).toEqual([false, true, false]);
  });

  test('removes a stream that has not ended, once nobody owns it and its chat is gone', async () => {
    const lost = await caller.startStream({ modelId: SILENT, chatId: 'c-deleted-while-running' });
    await eventually('the stream is removed', async () => {
      await loseOwner(lost);
      await bed.db.del(`chat:${caller.userId}:c-deleted-while-running`);
      await caller.cleanup('expired');
      return !(await exists(lost));
    });
  });

  test('by force removes all streams that have ended or lost their owner, but never running ones', async () => {
    const done = await ended(caller);
    const active = await caller.startStream({ modelId: 'synthetic/400x20@100' });
    const lost = await caller.startStream({ modelId: SILENT, chatId: 'c-lost' });
    const reader = openReader(caller, active);
    await reader.until(({ bytes }) => bytes > 300);
    // The owner of `lost` is in fact alive and renews its lease. So the test tries until a cleanup comes before the renewal.
    await eventually('the stream without an owner is removed', async () => {
      await loseOwner(lost);
      await caller.cleanup('force');
      return !(await exists(lost));
    });
    expect(await Promise.all([done, active, lost].map(exists))).toEqual([false, true, false]);
    const { bytes } = reader;
    await reader.until((now) => now.bytes > bytes);
    reader.leave();
    // A new stream can start in the chat of the removed stream.
    const next = await caller.startStream({ modelId: QUICK, chatId: 'c-lost' });
    expect((await caller.untilEnded(next)).status).toBe('completed');
    await caller.cancel(active);
  });

  test("by a person touches only that person's streams; a cleanup by an administrator touches everybody's", async () => {
    const neighbour = await createCaller(sidecar);
    const [mine, theirs] = [await ended(caller), await ended(neighbour)];
    expect((await caller.cleanup('force')).body).toMatchObject({ scanned: 1, removed: 1 });
    expect(await Promise.all([mine, theirs].map(exists))).toEqual([false, true]);
    const { body } = await admin.cleanup('force');
    expect(body.removed).toBeGreaterThanOrEqual(1);
    expect(await exists(theirs)).toBe(false);
  });

  test('removes the ids of missing streams from the indexes, and puts back the ids of running streams', async () => {
    const ghost = 'ghost'.padEnd(26, 'a');
    const done = await ended(caller);
    const active = await caller.startStream({ modelId: SILENT });
    await bed.db.sAdd(`user_streams:${caller.userId}`, [ghost, done]);
    await bed.db.zAdd('active_streams', { value: ghost, score: Date.now() + 600_000 });
    const longAgo = new Date(Date.now() - 60_000).toISOString();
    await bed.db.hSet(`chat:${caller.userId}:c9`, { createdAt: longAgo, title: 'x', stream: ghost, streamAt: longAgo });
    const { body } = await admin.cleanup('expired');
    expect(body.mended).toBeGreaterThanOrEqual(3);
    expect(await bed.db.sMembers(`user_streams:${caller.userId}`)).toEqual([active]);
    expect(await bed.db.zScore('active_streams', ghost)).toBeNull();
    expect((await caller.chat('c9')).stream).toBeNull();
    expect(await bed.db.hGet(`chat:${caller.userId}:c9`, 'stream')).toBeNull();

    await bed.db.zRem('active_streams', active);
    await bed.db.sRem(`user_streams:${caller.userId}`, active);
    await admin.cleanup('expired');
    expect(await bed.db.zScore('active_streams', active)).not.toBeNull();
    expect(await bed.db.sMembers(`user_streams:${caller.userId}`)).toEqual([active]);
    await caller.cancel(active);
  });

  test('is not needed for a missing stream that a person asks for: the request removes the id from `user_streams`', async () => {
    const ghost = 'ghost'.padEnd(26, 'c');
    for (const path of [`/streams/${ghost}`, `/streams/${ghost}/events`]) {
      await bed.db.sAdd(`user_streams:${caller.userId}`, ghost);
      expect((await caller.call('GET', path)).status).toBe(404);
      expect(await bed.db.sIsMember(`user_streams:${caller.userId}`, ghost)).toBe(0);
    }
  });

  test('does not remove the id of a half-created stream from `active_streams`, and neither does a request for streams', async () => {
    // A start writes the stream's id into `active_streams` and `user_streams` before it creates the stream. If the process dies
    // before it has created the stream, recovery finds the id in `active_streams`.
    const early = 'early'.padEnd(26, 'd');
    const requests: [method: string, path: string][] = [
      ['GET', `/streams/${early}`],
      ['GET', '/streams'],
      ['POST', '/cleanup'],
    ];
    for (const request of requests) {
      await bed.db.zAdd('active_streams', { value: early, score: Date.now() + 600_000 });
      await bed.db.sAdd(`user_streams:${caller.userId}`, early);
      await caller.call(...request);
      expect(await bed.db.sIsMember(`user_streams:${caller.userId}`, early), request.join(' ')).toBe(0);
      expect(await bed.db.zScore('active_streams', early), request.join(' ')).not.toBeNull();
    }
    await bed.db.zRem('active_streams', early);
  });

  test('puts an answer into its conversation if the process that wrote the answer died before it could do so', async () => {
    const chatId = newId('chat');
    const streamId = await caller.startStream({ chatId, messageId: 'a1', modelId: QUICK });
    await caller.untilEnded(streamId);
    await eventually('the answer is settled', async () => (await bed.db.sCard(`user_streams:${caller.userId}`)) === 0);
    const key = `chat:${caller.userId}:${chatId}`;
    const answer = await bed.db.hGetAll(key).then((all) => Object.keys(all).find((field) => field.includes('a1'))!);
    await bed.db.hDel(key, answer);
    await bed.db.hSet(key, { stream: streamId, streamAt: new Date(Date.now() - 60_000).toISOString() });
    await admin.cleanup('expired');
    expect((await caller.chat(chatId)).messages.map(({ id }) => id)).toContain('a1');
    expect(await bed.db.hGet(key, 'stream')).toBeNull();
  });

  test.each([
    { what: 'no body', options: {} },
    { what: 'an empty object', options: { body: {} } },
    {
      what: 'JSON with the content type of a form, as `curl -d` sends it',
      options: { raw: '{"action": "expired"}', headers: FORM },
    },
  ])('has the action `expired` if the request has $what', async ({ options }) => {
    expect((await caller.call('POST', '/cleanup', options)).body).toMatchObject({ action: 'expired' });
  });

  test('by force works with `curl -d`, although curl sends the content type of a form', async () => {
    const done = await ended(caller);
    const answer = await caller.call('POST', '/cleanup', { raw: '{"action": "force"}', headers: FORM });
    expect(answer.body).toMatchObject({ action: 'force', removed: 1 });
    expect(await exists(done)).toBe(false);
  });

  test('walks through Redis in batches, without KEYS', async () => {
    await bed.db.sendCommand(['CONFIG', 'RESETSTAT']);
    await admin.cleanup('expired');
    const stats = await bed.db.info('commandstats');
    expect(stats).toContain('cmdstat_scan');
    expect(stats).not.toContain('cmdstat_keys');
  });
});

describe('with several sidecars,', () => {
  test('only one cleanup runs at a time; a second one is refused with 429', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => admin.at(i % 2 ? sidecar : other).cleanup('expired')),
    );
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const busy = answers.find(({ status }) => status === 429)!;
    expect(busy.body).toMatchObject({ code: 'rate_limited' });
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await admin.cleanup('expired')).status).toBe(200);
  });

  test('each sidecar cleans up by itself at its interval, but not while another one is cleaning up', async () => {
    await bed.db.set('rejoin:sweeper', 'another');
    const punctual = await bed.start({ CLEANUP_INTERVAL_MS: '150' });
    const ghost = 'ghost'.padEnd(26, 'b');
    await bed.db.sAdd(`user_streams:${caller.userId}`, ghost);
    await delay(400);
    expect(punctual.log.of('cleanup.swept')).toEqual([]);
    expect(await bed.db.sIsMember(`user_streams:${caller.userId}`, ghost)).toBe(1);
    await bed.db.del('rejoin:sweeper');
    await eventually('ghost is gone', async () => !(await bed.db.sIsMember(`user_streams:${caller.userId}`, ghost)));
    await eventually('the sidecar goes on cleaning up', () => punctual.log.of('cleanup.swept').length > 2);
    await punctual.stop();
    expect(await bed.db.exists('rejoin:sweeper')).toBe(0);
  });
});
