import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { figure } from '../../testing/figures.ts';
import { startGeminiServer, type GeminiServer } from '../../testing/gemini-server.ts';
import { checkOneEnd } from '../../testing/one-end.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { isReady, openTestBed, type SidecarProcess, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, withoutComments } from '../../testing/whole-log.ts';

// Real processes and signals are slow on a busy machine. These limits only end a test that hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const GEMINI = 'gemini-2.5-flash';
const SILENT = 'synthetic/3x20@0?startDelayMs=600000';
const ABORTED_WITHIN_MS = 500;
const ENDED_WITHIN_MS = 1000;

let bed: TestBed;
let gemini: GeminiServer;
let owner: TestSidecar;
let other: TestSidecar;
let frozen: SidecarProcess;
let caller: Caller;
let admin: Caller;

beforeAll(async () => {
  gemini = await startGeminiServer();
  bed = await openTestBed({ env: { GOOGLE_GENERATIVE_AI_API_KEY: 'a key', GOOGLE_BASE_URL: gemini.url } });
  [owner, other, frozen] = await Promise.all([bed.start(), bed.start(), bed.spawn()]);
  admin = await createCaller(other, { isAdmin: true });
});
beforeEach(async () => {
  caller = await createCaller(owner);
});
afterAll(async () => {
  gemini.stop();
  await bed.close();
});

/** Starts a stream with a scripted model call, reads it at `owner` and at `other`, and waits until both readers have some text. */
async function openStream(at: Caller) {
  const chatId = newId('chat');
  const streamId = await at.startStream({ chatId, messageId: 'a1', modelId: GEMINI });
  const call = await gemini.nextCall();
  const readers = [openReader(at.at(owner), streamId), openReader(at.at(other), streamId)];
  call.say('As far as it came');
  await Promise.all(readers.map((reader) => reader.until(({ body }) => body.includes('as it came'))));
  return { chatId, streamId, call, readers };
}

describe.each(['the owner', 'another sidecar'])('a cancel at %s', (where) => {
  const here = () => caller.at(where === 'the owner' ? owner : other);

  test('that comes before the first word ends the answer, with nothing in it', async () => {
    const streamId = await caller.startStream({ modelId: SILENT });
    const readers = [openReader(caller.at(owner), streamId), openReader(caller.at(other), streamId)];
    await Promise.all(readers.map((reader) => reader.until(({ bytes }) => bytes > 0)));
    const { status, body } = await here().cancel(streamId);
    expect(status).toBe(200);
    const end = await checkOneEnd(bed, caller, streamId);
    expect(end).toMatchObject({ status: 'cancelled', text: '' });
    expect(body).toEqual({ streamId, status: 'cancelled', lastEventId: end.lastEventId });
    for (const reader of readers) {
      expect(await reader.ended).toBe('clean');
      expect(withoutComments(reader.body)).toEqual(await bed.storedLog(streamId));
    }
    expect(checkWholeLog(readers[0]!.body).chunks.map(({ type }) => type)).toEqual([
      'start',
      'abort',
      'data-end',
      'finish',
    ]);
  });

  test('in the middle of an answer aborts the model call and keeps the text so far; nothing is written afterwards', async () => {
    const { chatId, streamId, call, readers } = await openStream(caller);
    const cancelledAt = performance.now();
    const { body } = await here().cancel(streamId);
    expect(body.status).toBe('cancelled');
    const log = await bed.storedLog(streamId);
    call.say(' and a word too late');
    expect((await call.closed) - cancelledAt).toBeLessThan(ABORTED_WITHIN_MS);

    for (const reader of readers) {
      expect(await reader.ended).toBe('clean');
      expect(reader.body).toEqual(log);
    }
    expect(await bed.storedLog(streamId)).toEqual(log);
    expect(await checkOneEnd(bed, caller, streamId)).toEqual({
      status: 'cancelled',
      text: 'As far as it came',
      lastEventId: body.lastEventId,
    });
    expect((await caller.chat(chatId)).messages.at(-1)).toMatchObject({ id: 'a1', status: 'cancelled' });
    expect(gemini.calls.filter(({ isClosed }) => !isClosed)).toEqual([]);
  });

  test('returns the same result when it is repeated, and does not change a complete answer', async () => {
    const stopped = await caller.startStream({ modelId: SILENT });
    const first = await here().cancel(stopped);
    expect(
      await caller
        .at(other)
        .cancel(stopped)
        .then(({ body }) => body),
    ).toEqual(first.body);
    expect(
      await caller
        .at(owner)
        .cancel(stopped)
        .then(({ body }) => body),
    ).toEqual(first.body);

    const complete = await caller.startStream({ modelId: 'synthetic/3x20@0' });
    await caller.untilEnded(complete);
    const { body } = await here().cancel(complete);
    expect(body).toMatchObject({ status: 'completed' });
    expect(await checkOneEnd(bed, caller, complete)).toMatchObject({
      status: 'completed',
      lastEventId: body.lastEventId,
    });
  });
});

describe('while the owner is suspended,', () => {
  test('a cancel ends the response of every reader; after the owner is woken, it writes nothing and aborts its model call', async () => {
    const { streamId, call, readers } = await openStream(caller.at(frozen));
    frozen.freeze();
    const cancelledAt = performance.now();
    const { body } = await caller.at(other).cancel(streamId);
    expect(body.status).toBe('cancelled');
    for (const reader of readers) expect(await reader.ended).toBe('clean');
    expect(performance.now() - cancelledAt).toBeLessThan(ENDED_WITHIN_MS);
    const log = await bed.storedLog(streamId);

    for (let i = 0; i < 20; i++) call.say(` late ${i}`);
    frozen.thaw();
    const wokenAt = performance.now();
    expect((await call.closed) - wokenAt).toBeLessThan(ABORTED_WITHIN_MS);
    await eventually('the owner is awake', () => isReady(frozen.url));
    expect(await bed.storedLog(streamId)).toEqual(log);
    expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({
      status: 'cancelled',
      lastEventId: body.lastEventId,
    });
  });

  test('a deletion of the chat resets every reader; after the owner is woken, it does not write the removed stream again', async () => {
    const { chatId, streamId, call, readers } = await openStream(caller.at(frozen));
    frozen.freeze();
    expect((await caller.at(other).call('DELETE', `/chats/${chatId}`)).status).toBe(204);
    for (const reader of readers) expect(await reader.ended).toBe('reset');
    for (let i = 0; i < 20; i++) call.say(` late ${i}`);
    frozen.thaw();
    await call.closed;
    await eventually('the owner is awake', () => isReady(frozen.url));
    await eventually('the owner generates nothing', async () => (await figure(frozen, 'rejoin_generations')) === 0);
    expect(await bed.storedLog(streamId)).toHaveLength(0);
    expect((await caller.at(frozen).call('GET', `/streams/${streamId}`)).status).toBe(404);
    expect((await caller.at(frozen).call('GET', `/chats/${chatId}`)).status).toBe(404);
  });
});

/** Seals a stream (decides its end) without closing it (writing the end), like a process that is killed after the seal. */
const SEAL = readFileSync(new URL('../store/lua/streams/seal.lua', import.meta.url), 'utf8');
async function sealAndDie(streamId: string, outcome = 'cancelled', error = ''): Promise<void> {
  const keys = [`{stream:${streamId}}:log`, `{stream:${streamId}}:meta`];
  await bed.db.eval(SEAL, { keys, arguments: ['dead', outcome, error, '', '', ''] });
}

describe('the end of an answer', () => {
  const ROUNDS = 12;
  /** Runs all rounds at the same time. Each round uses its number to vary its timing or its requests. */
  const rounds = (run: (round: number) => Promise<void>) =>
    Promise.all(Array.from({ length: ROUNDS }, (_, round) => run(round)));
  /** Waits until the last step of an end is done: the answer is in its conversation. */
  const settled = (person: Caller, streamId: string) =>
    eventually(
      'the answer is settled',
      async () => !(await bed.db.sIsMember(`user_streams:${person.userId}`, streamId)),
    );
  const lapse = async (streamId: string) => {
    await bed.db.hSet(`{stream:${streamId}}:meta`, 'lease', '1');
    await bed.db.zAdd('active_streams', { value: streamId, score: 0 });
  };

  test('is decided once if the model ends while two sidecars are asked to cancel', async () => {
    const seen = new Set<string>();
    await rounds(async (round) => {
      const person = await createCaller(owner);
      // In the first round the answer is always stopped, and in the last one it is always complete.
      const startDelayMs = round === 0 ? 10_000 : 40;
      const streamId = await person.startStream({ modelId: `synthetic/6x20@300?startDelayMs=${startDelayMs}` });
      const readers = [openReader(person.at(owner), streamId), openReader(person.at(other), streamId)];
      await delay(round * 8);
      if (round === ROUNDS - 1) await person.untilEnded(streamId);
      const answers = await Promise.all([person.cancel(streamId), person.at(other).cancel(streamId)]);
      const { status, lastEventId } = await checkOneEnd(bed, person, streamId);
      for (const { body } of answers) expect(body).toEqual({ streamId, status, lastEventId });
      for (const reader of readers) {
        expect(await reader.ended).toBe('clean');
        expect(checkWholeLog(reader.body).status).toBe(status);
      }
      seen.add(status);
    });
    expect(seen).toEqual(new Set(['cancelled', 'completed']));
  });

  test('is decided once if a cancel comes during a takeover, and the model is not called again', async () => {
    await rounds(async (round) => {
      const person = await createCaller(owner);
      const streamId = await person.startStream({ modelId: 'synthetic/600x20@100' });
      const reader = openReader(person.at(other), streamId);
      await reader.until(({ bytes }) => bytes > 300);
      await lapse(streamId);
      const sweep = admin.cleanup('expired');
      await delay(round);
      const { body } = await person.at(round % 2 ? owner : other).cancel(streamId);
      await sweep;
      expect(body.status).toBe('cancelled');
      expect(await reader.ended).not.toBe('fin');
      expect(await checkOneEnd(bed, person, streamId)).toMatchObject({
        status: 'cancelled',
        lastEventId: body.lastEventId,
      });
    });
    const log = await bed.db.keys('{stream:*}:log');
    const lengths = () => Promise.all(log.map((key) => bed.db.strLen(key)));
    const before = await lengths();
    // A process that still called a model would have written something in this time.
    await delay(1100);
    expect(await lengths()).toEqual(before);
  });

  test('is written by another process, with the same outcome, if the process that has decided it dies', async () => {
    await rounds(async (round) => {
      const person = await createCaller(owner);
      const error = { code: 'abandoned', text: 'Its server was lost.' };
      const isError = round % 2 === 1;
      const streamId = await person.startStream({ modelId: 'synthetic/600x20@100' });
      const readers = [openReader(person.at(owner), streamId), openReader(person.at(other), streamId)];
      await Promise.all(readers.map((reader) => reader.until(({ bytes }) => bytes > 300)));
      await sealAndDie(streamId, isError ? 'error' : 'cancelled', isError ? JSON.stringify(error) : '');
      // In some rounds a cancel makes a process write the end. In the others a process writes the end without a request.
      if (round % 3 === 0) expect((await person.at(other).cancel(streamId)).body.status).not.toBe('active');
      await person.untilEnded(streamId, { withinMs: 10_000 });
      for (const reader of readers) {
        expect(await reader.ended).toBe('clean');
        expect(withoutComments(reader.body)).toEqual(await bed.storedLog(streamId));
      }
      await settled(person, streamId);
      expect(await checkOneEnd(bed, person, streamId)).toMatchObject({ status: isError ? 'error' : 'cancelled' });
    });
  });

  test('is written once if a process decides it and dies just when the model finishes', async () => {
    await rounds(async (round) => {
      const person = await createCaller(owner);
      const streamId = await person.startStream({ modelId: 'synthetic/6x20@300?startDelayMs=40' });
      await delay(round * 8);
      await sealAndDie(streamId);
      const { status } = await person.untilEnded(streamId, { withinMs: 10_000 });
      await settled(person, streamId);
      expect(await checkOneEnd(bed, person, streamId)).toMatchObject({ status });
    });
  });
});
