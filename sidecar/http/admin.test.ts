import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamState } from '../../shared/stream/stream.ts';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { checkWholeLog } from '../../testing/whole-log.ts';

const ENDLESS = 'synthetic/5000x20@50';

let bed: TestBed;
let alice: Caller;
let bob: Caller;
let admin: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  const sidecar = await bed.start();
  [alice, bob, admin] = await Promise.all([
    createCaller(sidecar),
    createCaller(sidecar),
    createCaller(sidecar, { isAdmin: true }),
  ]);
});
afterAll(() => bed.close());

const activeFor = async (caller: Caller, path = '/streams'): Promise<StreamState[]> =>
  (await caller.call<{ streams: StreamState[] }>('GET', path)).body.streams;

describe('an administrator', () => {
  test('with `all=1` lists the active streams of all users with their user ids, the longest running first', async () => {
    const first = await alice.startStream({ modelId: ENDLESS });
    const second = await bob.startStream({ modelId: ENDLESS });
    const ended = await bob.startStream({ modelId: 'synthetic/2x20@0' });
    await bob.untilEnded(ended);

    const all = await activeFor(admin, '/streams?all=1');
    expect(all.map(({ streamId, userId, status }) => [streamId, userId, status])).toEqual([
      [first, alice.userId, 'active'],
      [second, bob.userId, 'active'],
    ]);
    expect(await activeFor(admin)).toEqual([]);
    await Promise.all([alice.cancel(first), bob.cancel(second)]);
  });

  test("reads and cancels another person's stream, and learns whose it is", async () => {
    const streamId = await alice.startStream({ modelId: ENDLESS });
    expect(await admin.state(streamId)).toMatchObject({ streamId, userId: alice.userId, status: 'active', readers: 0 });
    const reader = openReader(admin, streamId);
    expect((await reader.head).status).toBe(200);
    await reader.until(({ bytes }) => bytes > 500);
    const owner = await bed.db.hGet(`{stream:${streamId}}:meta`, 'owner');
    expect(await admin.state(streamId)).toMatchObject({ owner, readers: 1 });

    expect(await admin.cancel(streamId)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await reader.ended).toBe('clean');
    expect(checkWholeLog(reader.body).status).toBe('cancelled');
    expect((await alice.state(streamId)).status).toBe('cancelled');
  });

  test('reads a stream that another sidecar writes, and a stream that has ended', async () => {
    const other = await bed.start();
    const running = await alice.startStream({ modelId: ENDLESS });
    const there = openReader(admin.at(other), running);
    await there.until(({ bytes }) => bytes > 500);
    there.leave();
    await alice.cancel(running);

    const ended = openReader(admin.at(other), running);
    expect(await ended.ended).toBe('clean');
    expect(checkWholeLog(ended.body).status).toBe('cancelled');
  });

  test('sees at another sidecar when a stream was last active', async () => {
    const other = await bed.start();
    const streamId = await alice.startStream({ modelId: ENDLESS });
    const { startTime } = await admin.state(streamId);
    const there = async () => (await admin.at(other).state(streamId)).lastActivity;
    await eventually('the last activity is later than the start', async () => (await there()) > startTime);
    const first = await there();
    await eventually('the last activity is later than before', async () => (await there()) > first);
    await alice.cancel(streamId);
  });

  test('gets 404 for a stream that never existed', async () => {
    const id = 'a'.repeat(26);
    for (const [method, path] of [
      ['GET', `/streams/${id}`],
      ['DELETE', `/streams/${id}`],
      ['GET', `/streams/${id}/events`],
    ] as const)
      expect(await admin.call(method, path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test("does not see other people's conversations", async () => {
    const chatId = 'chat-of-alice';
    const streamId = await alice.startStream({ chatId, modelId: 'synthetic/2x20@0' });
    await alice.untilEnded(streamId);
    expect((await admin.call('GET', `/chats/${chatId}`)).status).toBe(404);
  });
});

describe('everybody else', () => {
  test("cannot list everybody's streams, and gets their own streams without the fields for administrators", async () => {
    const streamId = await alice.startStream({ modelId: ENDLESS });
    expect(await alice.call('GET', '/streams?all=1')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await activeFor(bob)).toEqual([]);
    expect((await activeFor(alice)).map((state) => [state.streamId, state.userId])).toEqual([[streamId, undefined]]);
    for (const field of ['userId', 'owner', 'readers']) expect(await alice.state(streamId)).not.toHaveProperty(field);
    expect((await bob.call('GET', `/streams/${streamId}`)).status).toBe(404);
    await alice.cancel(streamId);
  });
});
