import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { startGeminiServer, type GeminiServer } from '../../testing/gemini-server.ts';
import { openReader, type RawReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, framesIn, withoutComments, type Frame } from '../../testing/whole-log.ts';

const GEMINI = 'gemini-2.5-flash';
const HEARTBEAT_MS = 15_000;

let bed: TestBed;
let gemini: GeminiServer;
let sidecar: TestSidecar;
let caller: Caller;
/** Sends a heartbeat immediately. The sidecar itself sends one every 15 s. */
let beat: () => void;

beforeAll(async () => {
  gemini = await startGeminiServer();
  bed = await openTestBed({ env: { GOOGLE_GENERATIVE_AI_API_KEY: 'a key', GOOGLE_BASE_URL: gemini.url } });
  const setInterval = vi.spyOn(globalThis, 'setInterval');
  sidecar = await bed.start();
  const [heartbeat] = setInterval.mock.calls.find(([, ms]) => ms === HEARTBEAT_MS)!;
  beat = heartbeat as () => void;
});
beforeEach(async () => {
  caller = await createCaller(sidecar);
});
afterAll(async () => {
  gemini.stop();
  await bed.close();
});

const readAll = async (reader: RawReader) => ({ head: await reader.head, end: await reader.ended, body: reader.body });

describe('server-sent events', () => {
  let owner: Caller;
  let streamId: string;
  let log: Buffer;
  let frames: Frame[];
  beforeAll(async () => {
    owner = await createCaller(sidecar);
    streamId = await owner.startStream({ modelId: 'synthetic/60x30@2000' });
    await owner.untilEnded(streamId);
    log = await bed.storedLog(streamId);
    frames = framesIn(log);
  });

  test('are the whole log, from the beginning, with a clean end', async () => {
    const { head, end, body } = await readAll(openReader(owner, streamId));
    expect(head.status).toBe(200);
    expect(head.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-stream-id': streamId,
      'x-stream-status': 'completed',
    });
    expect(head.headers).not.toHaveProperty('x-stream-reset');
    expect(body).toEqual(log);
    expect(end).toBe('clean');
    expect(checkWholeLog(body).status).toBe('completed');
  });

  test('go on after every id of the log, whether it is in the header or in the query', async () => {
    expect(frames.length).toBeGreaterThan(8);
    for (const [index, { id, position }] of frames.slice(0, -1).entries()) {
      const place = index % 2 === 0 ? { lastEventId: id } : { after: id };
      const { head, end, body } = await readAll(openReader(owner, streamId, place));
      expect(head.headers).not.toHaveProperty('x-stream-reset');
      expect(body).toEqual(log.subarray(position));
      expect(end).toBe('clean');
    }
  });

  test('are not sent after the last id: the status is 204, because nothing else stops an EventSource', async () => {
    for (const place of [{ lastEventId: frames.at(-1)!.id }, { after: frames.at(-1)!.id }]) {
      const { head, body } = await readAll(openReader(owner, streamId, place));
      expect(head.status).toBe(204);
      expect(head.headers['x-stream-status']).toBe('completed');
      expect(body).toHaveLength(0);
    }
  });

  test('go on after the id in the header if the query has another id, as when an EventSource reconnects', async () => {
    const [first, second] = frames;
    const { body } = await readAll(openReader(owner, streamId, { after: first!.id, lastEventId: second!.id }));
    expect(body).toEqual(log.subarray(second!.position));
  });

  test.each(['1', '-5', '1a-', '1abc-0', '1abc-01', '1abc--5', '1abc-1e3', 'abc-5', '1abc-5 ', '1abc-5,1abc-5', '*'])(
    'are refused after "%s", which is not an event id',
    async (id) => {
      const header = await owner.call('GET', `/streams/${streamId}/events`, {
        headers: { accept: 'text/event-stream', 'last-event-id': id.trim() === id ? id : `${id}x` },
      });
      expect(header.status).toBe(400);
      expect(header.body).toMatchObject({ code: 'invalid_event_id' });
      const { head, body } = await readAll(openReader(owner, streamId, { after: id }));
      expect(head.status).toBe(400);
      expect(JSON.parse(body.toString())).toMatchObject({ code: 'invalid_event_id' });
    },
  );

  test('of an ended answer are the whole log, with `X-Stream-Reset`, after an id that is not on the log', async () => {
    const { epoch, position } = frames[3]!;
    const foreign = [
      `${epoch}-${position + 1}`,
      `${epoch}-${position - 10}`,
      `${epoch}x-${position}`,
      `${epoch}-${log.length + 1000}`,
      `9zzzz-${position}`,
      `${epoch}-999999999999999`,
      '1aaaa-1',
    ];
    for (const id of foreign) {
      const { head, end, body } = await readAll(openReader(owner, streamId, { lastEventId: id }));
      expect(head.status).toBe(200);
      expect(head.headers['x-stream-reset'], id).toBe('1');
      expect(body).toEqual(log);
      expect(end).toBe('clean');
    }
  });

  test('are sent live to every reader, from the position at which that reader begins', async () => {
    const live = await caller.startStream({ modelId: 'synthetic/100x40@80' });
    const first = openReader(caller, live);
    await first.until(({ bytes }) => bytes > 2000);
    const place = framesIn(first.body.subarray(0, first.body.lastIndexOf('\n\n') + 2)).at(-1)!;
    const second = openReader(caller, live);
    const third = openReader(caller, live, { lastEventId: place.id });
    expect((await third.head).headers).not.toHaveProperty('x-stream-status');
    expect(await Promise.all([first.ended, second.ended, third.ended])).toEqual(['clean', 'clean', 'clean']);
    const stored = await bed.storedLog(live);
    expect(first.body).toEqual(stored);
    expect(second.body).toEqual(stored);
    expect(third.body).toEqual(stored.subarray(place.position));
  });

  test('of a running answer begin again, with `X-Stream-Reset`, after an id that is not on the log', async () => {
    const live = await caller.startStream({ modelId: 'synthetic/60x40@400' });
    const reader = openReader(caller, live, { lastEventId: '1aaaa-40' });
    expect((await reader.head).headers['x-stream-reset']).toBe('1');
    expect(await reader.ended).toBe('clean');
    expect(reader.body).toEqual(await bed.storedLog(live));
  });

  test('end cleanly for an answer that failed, because the events say that it failed', async () => {
    const failed = await caller.startStream({ modelId: 'synthetic/20x20@400?failAt=5' });
    const live = await readAll(openReader(caller, failed));
    expect(live.end).toBe('clean');
    const whole = checkWholeLog(live.body);
    expect(whole.status).toBe('error');
    expect(whole.errorText).toMatch(/told to fail/);
    expect((await readAll(openReader(caller, failed))).head.headers['x-stream-status']).toBe('error');
  });

  test('are cut with a reset when the stream is removed', async () => {
    const chatId = newId('chat');
    const removed = await caller.startStream({ chatId, modelId: 'synthetic/100x40@50' });
    const reader = openReader(caller, removed);
    const textReader = openReader(caller, removed, { accept: 'text/plain' });
    await reader.until(({ bytes }) => bytes > 500);
    await textReader.head;
    expect((await caller.call('DELETE', `/chats/${chatId}`)).status).toBe(204);
    expect(await reader.ended).toBe('reset');
    expect(await textReader.ended).toBe('reset');
    expect((await caller.call('GET', `/streams/${removed}`)).status).toBe(404);
    expect(await bed.storedLog(removed)).toHaveLength(0);
  });

  test('end with a FIN only if nothing is missing, because an HTTP/1.0 proxy takes a FIN for the end', async () => {
    const complete = await readAll(openReader(owner, streamId, { version: '1.0' }));
    expect(complete.end).toBe('clean');
    expect(complete.body).toEqual(log);

    const chatId = newId('chat');
    const removed = await caller.startStream({ chatId, modelId: 'synthetic/100x40@50' });
    const reader = openReader(caller, removed, { version: '1.0' });
    await reader.until(({ bytes }) => bytes > 500);
    await caller.call('DELETE', `/chats/${chatId}`);
    expect(await reader.ended).toBe('reset');
  });

  test('have heartbeats only between frames, and the text alone has none', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/400x2000@0?holdMs=200' });
    const reader = openReader(caller, streamId);
    const textReader = openReader(caller, streamId, { accept: 'text/plain' });
    await reader.head;
    let isOver = false;
    void reader.ended.then(() => (isOver = true));
    while (!isOver) {
      beat();
      await nextTurn();
    }
    expect(await reader.ended).toBe('clean');
    const comments = reader.body.toString('latin1').split(': still here\n\n').length - 1;
    expect(comments).toBeGreaterThan(0);
    expect(withoutComments(reader.body)).toEqual(await bed.storedLog(streamId));
    await textReader.ended;
    expect(textReader.body.includes('still here')).toBe(false);
  });
});

describe('the text alone', () => {
  const decoded = (pieces: readonly Buffer[]): string =>
    pieces.map((piece) => new TextDecoder('utf-8', { fatal: true }).decode(piece)).join('');

  test('is the response to every `Accept` except an event stream, and ends cleanly', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/50x30@400' });
    const live = openReader(caller, streamId, { accept: '*/*' });
    expect((await live.head).headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8' });
    expect(await live.ended).toBe('clean');
    const { text } = checkWholeLog(await bed.storedLog(streamId));
    expect(live.body.toString()).toBe(text);
    const late = await readAll(openReader(caller, streamId, { accept: 'text/plain' }));
    expect(late.head.headers['x-stream-status']).toBe('completed');
    expect(late.body.toString()).toBe(text);
    expect(late.end).toBe('clean');
  });

  test('is written in whole code points, even if the model cuts characters', async () => {
    const streamId = await caller.startStream({ modelId: GEMINI });
    const live = openReader(caller, streamId, { accept: 'text/plain' });
    const call = await gemini.nextCall();
    const sayAndSee = async (text: string, seen: string) => {
      call.say(text);
      await live.until(({ body }) => body.toString().endsWith(seen));
    };
    const [high, low] = ['\ud83d', '\ude00']; // halves of 😀
    await sayAndSee('日本語のテキスト 🧑‍🚀', '🚀');
    await sayAndSee(`and ${high}`, 'and ');
    await sayAndSee(`${low} whole`, '😀 whole');
    await sayAndSee(' 漢字😀'.repeat(3000), '漢字😀');
    call.finish();
    expect(await live.ended).toBe('clean');

    const expected = `日本語のテキスト 🧑‍🚀and 😀 whole${' 漢字😀'.repeat(3000)}`;
    expect(decoded(live.pieces)).toBe(expected);
    const late = openReader(caller, streamId, { accept: 'text/plain' });
    await late.ended;
    expect(decoded(late.pieces)).toBe(expected);
    expect(checkWholeLog(await bed.storedLog(streamId)).text).toBe(expected);
  });

  test('ends cleanly for an answer that was stopped', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/100x40@50' });
    const live = openReader(caller, streamId, { accept: 'text/plain' });
    await live.until(({ bytes }) => bytes > 0);
    await caller.cancel(streamId);
    expect(await live.ended).toBe('clean');
    const late = await readAll(openReader(caller, streamId, { accept: 'text/plain' }));
    expect(late.head.headers['x-stream-status']).toBe('cancelled');
    expect(late.body).toEqual(live.body);
    expect(late.end).toBe('clean');
  });

  test('is cut with a reset for an answer that failed, because after a clean end the text would seem complete', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/20x20@400?failAt=5' });
    const live = openReader(caller, streamId, { accept: 'text/plain' });
    expect(await live.ended).toBe('reset');
    expect(live.bytes).toBe(100);
    const late = openReader(caller, streamId, { accept: 'text/plain' });
    expect((await late.head).headers['x-stream-status']).toBe('error');
    expect(await late.ended).toBe('reset');
    expect(late.body).toEqual(live.body);
  });
});
