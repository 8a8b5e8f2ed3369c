import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { figure } from '../../testing/figures.ts';
import { startGeminiServer, type GeminiServer } from '../../testing/gemini-server.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { checkOneEnd } from '../../testing/one-end.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

const CHARS = 20;
const STALL_TIMEOUT_MS = 300;
const MAX_BYTES = 20_000;

let bed: TestBed;
let gemini: GeminiServer;
let sidecar: TestSidecar;
let caller: Caller;
beforeAll(async () => {
  gemini = await startGeminiServer();
  bed = await openTestBed({
    env: {
      STREAM_TTL_SECONDS: '2',
      LEASE_MS: '300',
      STREAM_MAX_BYTES: String(MAX_BYTES),
      GOOGLE_GENERATIVE_AI_API_KEY: 'a key',
      GOOGLE_BASE_URL: gemini.url,
    },
  });
  sidecar = await bed.start();
  caller = await createCaller(sidecar);
});
afterAll(async () => {
  gemini.stop();
  await bed.close();
});

describe('the time to live of a stream', () => {
  test('does not run out while a model is silent for longer than that time, and counts from the end of the answer', async () => {
    const chatId = newId('chat');
    // An active stream is kept for at least ten leases (here three seconds), even if its time to live is shorter. So the model is
    // silent for four seconds.
    const streamId = await caller.startStream({ chatId, modelId: `synthetic/5x${CHARS}@0?startDelayMs=4000` });
    const reader = openReader(caller, streamId);
    expect(await reader.ended).toBe('clean');
    expect(countDeltas(checkWholeLog(reader.body).text, CHARS)).toBe(5);
    expect((await caller.state(streamId)).status).toBe('completed');

    const keys = [`stream:${streamId}`, `{stream:${streamId}}:log`, `{stream:${streamId}}:meta`];
    for (const key of keys) {
      const left = await bed.db.pTTL(key);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(2000);
    }
    await eventually('the stream has expired', async () => (await bed.db.exists(keys)) === 0);
    expect((await caller.call('GET', `/streams/${streamId}`)).status).toBe(404);
    // The conversation is kept longer.
    expect((await caller.chat(chatId)).messages).toHaveLength(2);
  });
});

describe('an answer that grows beyond the limit', () => {
  test('is ended as too long, keeps what was written, and its model call is aborted', async () => {
    const streamId = await caller.startStream({ modelId: 'synthetic/100000x100@2000' });
    const reader = openReader(caller, streamId);
    expect(await reader.ended).toBe('clean');
    const { status, text, errorText } = checkWholeLog(reader.body);
    expect(status).toBe('error');
    expect(errorText).toMatch(/too long/);
    expect(countDeltas(text, 100)).toBeGreaterThan(50);
    expect(reader.bytes).toBeGreaterThan(MAX_BYTES);
    expect(reader.bytes).toBeLessThan(3 * MAX_BYTES);
    expect(await caller.state(streamId)).toMatchObject({ status: 'error', error: { code: 'too_long' } });
    await eventually('nobody writes', async () => (await figure(sidecar, 'rejoin_generations')) === 0);
  });
});

describe('a provider that fails', () => {
  test.each([
    { when: 'before the first word', failAt: 0 },
    { when: 'in the middle', failAt: 7 },
  ])('$when leaves what was written, and one error for the person', async ({ failAt }) => {
    const streamId = await caller.startStream({ modelId: `synthetic/20x${CHARS}@500?failAt=${failAt}` });
    const reader = openReader(caller, streamId);
    expect(await reader.ended).toBe('clean');
    const { chunks, status, text, errorText } = checkWholeLog(reader.body);
    expect(status).toBe('error');
    expect(countDeltas(text, CHARS)).toBe(failAt);
    expect(chunks.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'error', text });
    expect((await caller.state(streamId)).error).toEqual({ code: 'model_error', text: errorText });
  });
});

describe('a model that hangs', () => {
  let stalling: TestBed;
  let person: Caller;
  beforeAll(async () => {
    stalling = await openTestBed({
      env: {
        STALL_TIMEOUT_MS: String(STALL_TIMEOUT_MS),
        GOOGLE_BASE_URL: gemini.url,
        GOOGLE_GENERATIVE_AI_API_KEY: 'a key',
      },
    });
    person = await createCaller(await stalling.start());
  });
  afterAll(() => stalling.close());
  const stalls = (streamId: string) => stalling.log.of('stream.stalled', streamId).length;

  test.concurrent('is asked once more, and continues where it fell silent', async () => {
    const streamId = await person.startStream({ modelId: `synthetic/40x${CHARS}@200?stallAt=10` });
    const { text, ends } = await followLoyally([person], streamId).finished;
    expect(countDeltas(text, CHARS)).toBe(40);
    expect(ends).toEqual(['clean']);
    expect(await checkOneEnd(stalling, person, streamId)).toMatchObject({ status: 'completed' });
    expect(stalls(streamId)).toBe(1);
  });

  test.concurrent(
    'is asked once more from the beginning if it cannot continue, and ends the answer with an error if it hangs again',
    async () => {
      const streamId = await person.startStream({ modelId: `synthetic/40x${CHARS}@200?stallAt=10&refuse=1` });
      const { ends, log } = await followLoyally([person], streamId).finished;
      expect(ends).toEqual(['reset', 'clean']);
      const { status, text } = checkWholeLog(log);
      expect(status).toBe('error');
      expect(countDeltas(text, CHARS)).toBe(10);
      expect(stalls(streamId)).toBe(1);
    },
  );

  test.concurrent('ends the answer with an error if it hangs a second time, and its calls are aborted', async () => {
    const streamId = await person.startStream({ modelId: 'gemini-2.5-flash' });
    const reader = openReader(person, streamId);
    const first = await gemini.nextCall();
    first.say('So far');
    const second = await gemini.nextCall();
    await first.closed;
    expect(JSON.stringify(second.body.contents.at(-1))).toContain('So far');
    await second.closed;
    expect(await reader.ended).toBe('clean');
    const { status, text, chunks } = checkWholeLog(reader.body);
    expect({ status, text }).toEqual({ status: 'error', text: 'So far' });
    expect(chunks.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(await person.untilEnded(streamId)).toMatchObject({ error: { code: 'stalled' } });
    expect(await checkOneEnd(stalling, person, streamId)).toMatchObject({ status: 'error', text: 'So far' });
    expect(stalls(streamId)).toBe(1);
  });

  test.concurrent('is not reported if only a reader has stopped reading', async () => {
    const streamId = await person.startStream({ modelId: `synthetic/400x10000@0` });
    const reader = openReader(person, streamId, { paused: true });
    expect((await person.untilEnded(streamId)).status).toBe('completed');
    expect(stalls(streamId)).toBe(0);
    reader.leave();
  });
});

describe('without any Redis', () => {
  test('an answer has the same events for every reader, can be cancelled and removed, and is reported as not resumable', async () => {
    const alone = await bed.start({ REDIS_URL: '' });
    const person = await createCaller(alone);
    const started = await person.start({ chatId: 'c1', messageId: 'a1', modelId: `synthetic/40x${CHARS}@400` });
    expect(started.status).toBe(201);
    expect(started.body.resumable).toBe(false);
    const { streamId } = started.body;
    const reader = openReader(person, streamId);
    await reader.until(({ bytes }) => bytes > 300);
    const { text, log } = await followLoyally([person], streamId).finished;
    expect(await reader.ended).toBe('clean');
    expect(reader.body).toEqual(log);
    expect(countDeltas(text, CHARS)).toBe(40);
    expect(await person.state(streamId)).toMatchObject({ status: 'completed', resumable: false });
    expect((await person.call('GET', '/models')).body).toMatchObject({ resumable: false });
    expect((await person.chat('c1')).messages).toHaveLength(2);

    const stopped = await person.startStream({ modelId: `synthetic/400x${CHARS}@50` });
    expect((await person.cancel(stopped)).body.status).toBe('cancelled');
    expect((await person.cleanup('force')).body).toMatchObject({ removed: 2 });
    expect((await person.call('GET', `/streams/${streamId}`)).status).toBe(404);
    expect(await bed.db.exists(`{stream:${streamId}}:meta`)).toBe(0);
  });
});
