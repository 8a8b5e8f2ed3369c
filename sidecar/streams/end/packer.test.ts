import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../../testing/caller.ts';
import { eventually } from '../../../testing/eventually.ts';
import { follow } from '../../../testing/follow.ts';
import { openTestBed, type TestBed } from '../../../testing/test-bed.ts';
import { checkWholeLog } from '../../../testing/whole-log.ts';

const LATER = { PACK_AFTER_MS: '600000' };
const ANSWER = 'synthetic/500x21@0';

let bed: TestBed;
beforeAll(async () => {
  bed = await openTestBed();
});
afterAll(() => bed.close());

const isPacked = async (streamId: string) => (await bed.db.hGet(`{stream:${streamId}}:meta`, 'packed')) !== null;
const read = (caller: Caller, streamId: string, lastEventId: string | null = null) =>
  follow(`${caller.url}/streams/${streamId}/events`, {
    headers: { authorization: `Bearer ${caller.token}` },
    lastEventId,
  });

test('an answer whose sidecar has exited is packed by another sidecar, and its log, state and chat read the same as before', async () => {
  const first = await bed.start(LATER);
  const caller = await createCaller(first);
  const chatId = newId('chat');
  const streamId = await caller.startStream({ modelId: ANSWER, chatId });
  await caller.untilEnded(streamId);
  const before = await read(caller, streamId);
  const half = before.frames.subarray(0, before.frames.indexOf('\n\n', before.frames.length / 2) + 2);
  const middle = /id: (\S+)\n\n$/.exec(half.toString())![1]!;
  await eventually('the ended stream is listed', async () => (await bed.db.zScore('rejoin:ended', streamId)) !== null);
  const state = await caller.state(streamId);
  await first.stop();

  // As if 600 s had passed.
  await bed.db.zAdd('rejoin:ended', { value: streamId, score: 1 });
  const second = caller.at(await bed.start(LATER));
  await eventually('the stream is packed', () => isPacked(streamId));
  expect(await bed.db.strLen(`{stream:${streamId}}:log`)).toBeLessThan(before.frames.length / 10);
  expect(await second.state(streamId)).toEqual(state);

  const again = await read(second, streamId);
  expect(again.frames.equals(before.frames)).toBe(true);
  expect(checkWholeLog(again.frames).status).toBe('completed');
  const rest = await read(second, streamId, middle);
  expect(Buffer.concat([half, rest.frames]).equals(before.frames)).toBe(true);
  expect((await read(second, streamId, again.lastEventId)).status).toBe(204);
  const unknown = await second.call('GET', `/streams/${streamId}/events`, {
    headers: { accept: 'text/event-stream', 'last-event-id': middle.replace(/^\w+/, '9zzzz') },
  });
  expect(unknown.headers.get('x-stream-reset')).toBe('1');
  expect(unknown.text).toBe(before.frames.toString());
  const { text } = await second.call('GET', `/streams/${streamId}/events`, { headers: { accept: 'text/plain' } });
  expect(text).toBe(checkWholeLog(before.frames).text);
  expect((await second.chat(chatId)).messages.at(-1)).toMatchObject({ status: 'completed' });
  expect((await second.cancel(streamId)).body).toMatchObject({ status: 'completed', lastEventId: state.lastEventId });
  await bed.db.zAdd('rejoin:ended', { value: streamId, score: 1 });
  await eventually('the stream leaves the list', async () => (await bed.db.zScore('rejoin:ended', streamId)) === null);
  expect((await read(second, streamId)).frames.equals(before.frames)).toBe(true);
});

test('an ended answer that is missing from the list of ended streams is put back by the cleanup', async () => {
  const sidecar = await bed.start(LATER);
  const caller = await createCaller(sidecar);
  const streamId = await caller.startStream({ modelId: ANSWER });
  await caller.untilEnded(streamId);
  const isNoted = async () => (await bed.db.zScore('rejoin:ended', streamId)) !== null;
  await eventually('the ended stream is listed', isNoted);
  await bed.db.del('rejoin:ended');
  const admin = await createCaller(sidecar, { isAdmin: true });
  await admin.cleanup('expired');
  expect(await isNoted()).toBe(true);
  await sidecar.stop();
});

test('while Redis is short of memory, ended answers are packed without waiting for `PACK_AFTER_MS`', async () => {
  const sidecar = await bed.start(LATER);
  const caller = await createCaller(sidecar);
  const streamId = await caller.startStream({ modelId: ANSWER });
  await caller.untilEnded(streamId);
  await bed.db.configSet(
    'maxmemory',
    String(Number(/used_memory:(\d+)/.exec(await bed.db.info('memory'))![1]) + 500_000),
  );
  await eventually('the stream is packed', () => isPacked(streamId));
  await bed.db.configSet('maxmemory', '0');
  await sidecar.stop();
});
