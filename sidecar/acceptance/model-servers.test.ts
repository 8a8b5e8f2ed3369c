import { LLMock } from '@copilotkit/aimock';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { checkOneEnd } from '../../testing/one-end.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { isReady, openTestBed, type SidecarProcess, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog } from '../../testing/whole-log.ts';
import { startProviderServer, writeEvents, type ProviderServer } from '../models/testing/provider-server.ts';
import { DONE, HALF, o, say, STOP, TEXT as SALT } from '../models/wire/samples/sample.ts';

const TEXT = 'Grüße aus 東京 🗼, wo die Antwort weitergeht. '.repeat(8);
const KEY = 'a-secret-key';

/** The sidecar calls a mock of Gemini over HTTP, and the readers call the sidecar over HTTP. */
describe('Gemini', () => {
  const google = new LLMock({ port: 0, logLevel: 'silent' });
  let bed: TestBed;
  let sidecar: TestSidecar;
  let caller: Caller;
  beforeAll(async () => {
    await google.start();
    bed = await openTestBed({
      env: { GOOGLE_GENERATIVE_AI_API_KEY: KEY, GOOGLE_BASE_URL: `${google.url}/v1beta` },
    });
    sidecar = await bed.start();
  });
  beforeEach(async () => {
    caller = await createCaller(sidecar);
  });
  afterEach(() => void google.reset());
  afterAll(async () => {
    await bed.close();
    await google.stop();
  });

  const ask = (modelId = 'gemini-2.5-flash') =>
    caller.start({ chatId: newId('chat'), messageId: 'a1', modelId, text: 'hi' });

  test('answers with text and reasoning, and a reader sees both as they arrive', async () => {
    google.onMessage('hi', { content: TEXT, reasoning: 'Thinking about 東京.' }, { chunkSize: 9, latency: 5 });
    const { body } = await ask();
    expect(body.servedBy).toBe('google');
    const reader = openReader(caller, body.streamId);
    expect(await reader.ended).toBe('clean');
    expect(reader.pieces.length).toBeGreaterThan(5);
    const { message, chunks } = checkWholeLog(reader.body);
    expect(message.parts).toMatchObject([
      { type: 'step-start' },
      { type: 'reasoning', text: 'Thinking about 東京.', state: 'done' },
      { type: 'text', text: TEXT, state: 'done' },
    ]);
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
    expect(await checkOneEnd(bed, caller, body.streamId)).toMatchObject({ status: 'completed', text: TEXT });
    const asText = await caller.call('GET', `/streams/${body.streamId}/events`);
    expect(asText.text).toBe(TEXT);
  });

  test('gives one helpful error, which does not contain the API key, if it fails before the first token', async () => {
    google.onMessage('hi', { error: { message: `bad ${KEY}` }, status: 403 });
    const { body } = await ask();
    const reader = openReader(caller, body.streamId);
    expect(await reader.ended).toBe('clean');
    const { chunks, status, errorText, text } = checkWholeLog(reader.body);
    expect({ status, text }).toEqual({ status: 'error', text: '' });
    expect(chunks.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(errorText).toMatch(/Google did not accept the API key/);
    expect(reader.body.includes(KEY)).toBe(false);
    await checkOneEnd(bed, caller, body.streamId);
    expect(await caller.state(body.streamId)).toMatchObject({ error: { code: 'key_refused', text: errorText } });
  });

  test('gives an error if the connection is cut in the middle of an answer, and the written part is kept', async () => {
    google.onMessage('hi', { content: TEXT }, { chunkSize: 10, latency: 10, truncateAfterChunks: 6 });
    const { body } = await ask();
    const reader = openReader(caller, body.streamId);
    expect(await reader.ended).toBe('clean');
    const { status, text, errorText, chunks } = checkWholeLog(reader.body);
    expect(status).toBe('error');
    expect(text.length).toBeGreaterThan(0);
    expect(TEXT.startsWith(text)).toBe(true);
    expect(text.length).toBeLessThan(TEXT.length);
    expect(errorText).toMatch(/connection to Google was lost/);
    expect(chunks.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(await checkOneEnd(bed, caller, body.streamId)).toMatchObject({ status: 'error', text });
    const late = openReader(caller, body.streamId);
    await late.ended;
    expect(late.body).toEqual(reader.body);
  });

  test('is asked for a current model if the requested one is retired, and the answer keeps the requested model id', async () => {
    google.onMessage('hi', { content: 'Hello' });
    for (let i = 0; i < 2; i++) {
      const { body } = await ask('gemini-2.0-flash');
      await caller.untilEnded(body.streamId);
      expect(await caller.state(body.streamId)).toMatchObject({ modelId: 'gemini-2.0-flash', status: 'completed' });
    }
    expect(bed.log.of('model.retired')).toHaveLength(1);
    expect(google.getRequests().some(({ path }) => path.includes('gemini-2.0-flash'))).toBe(false);
  });
});

describe('Gemini without a key', () => {
  test('is replaced by the demo, which says so', async () => {
    const bed = await openTestBed({ env: { DEMO_SPEED: '1000' } });
    try {
      const caller = await createCaller(await bed.start());
      const { status, body } = await caller.start({ modelId: 'gemini-2.5-flash' });
      expect(status).toBe(201);
      expect(body).toMatchObject({ servedBy: 'demo', modelId: 'gemini-2.5-flash' });
      await caller.untilEnded(body.streamId);
      const { status: outcome, text } = await checkOneEnd(bed, caller, body.streamId);
      expect(outcome).toBe('completed');
      expect(text).toMatch(/demo/i);
    } finally {
      await bed.close();
    }
  });
});

/** Each test decides what this model server sends. The sidecar runs in a process of its own, so that a test can suspend it. */
describe('A server that speaks OpenAI’s protocol', () => {
  const word = (at: number): string => `word${at} `;
  let answer: (response: ServerResponse) => unknown;
  let provider: ProviderServer;
  let bed: TestBed;
  let sidecar: SidecarProcess;
  let caller: Caller;
  beforeAll(async () => {
    provider = await startProviderServer((response) => void answer(response));
    bed = await openTestBed({
      env: {
        OPENAI_COMPATIBLE_BASE_URL: `${provider.url}/v1`,
        OPENAI_COMPATIBLE_MODELS: 'm',
        STALL_TIMEOUT_MS: '3000',
        FIRST_TOKEN_TIMEOUT_MS: '3000',
      },
    });
    sidecar = await bed.spawn();
    caller = await createCaller(sidecar);
  }, 60_000);
  beforeEach(() => void (provider.requests.length = 0));
  afterAll(async () => {
    await bed.close();
    await provider.stop();
  });

  const ask = (text: string, chatId = newId('chat')) => caller.startStream({ chatId, modelId: 'local/m', text });
  const plays = (body: string, contentType = 'text/event-stream') => {
    answer = (response) => response.writeHead(200, { 'content-type': contentType }).end(body);
  };

  test.each([
    ['an unknown finish reason', say(HALF) + o({}, 'gave_up') + DONE, 'answer_cut', HALF],
    ['neither a finish reason nor [DONE]', say(HALF), 'connection_lost', HALF],
    [
      'an error in its stream',
      `${say(HALF)}data: {"error":"the secret text of a provider"}\n\n`,
      'provider_failed',
      HALF,
    ],
    ['an HTML page instead of an answer', '<!doctype html>the secret text of a provider', 'not_a_model_server', ''],
  ])(
    'that sends %s: the stream ends with an error, and nothing shows the error text of the server',
    async (_what, body, code, text) => {
      plays(body, body.startsWith('<') ? 'text/html' : undefined);
      const streamId = await ask('hi');
      const state = await caller.untilEnded(streamId);
      expect(state).toMatchObject({ status: 'error', error: { code } });
      expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'error', text });
      const [, stored] = await caller.messages(state.chatId);
      expect(JSON.stringify(stored)).toContain(state.error!.text);
      // After a failure that may be temporary, the call is made once more after a pause.
      expect(provider.requests.length).toBeLessThanOrEqual(2);
      expect(JSON.stringify([state, stored]) + sidecar.output).not.toContain('secret text');
    },
  );

  test('may send its thoughts inside its text: they are not in the answer, and are not sent with the next question', async () => {
    const chatId = newId('chat');
    plays(say('<thi') + say(`nk>A hidden thought.</think>\n\n${SALT}`) + STOP);
    const streamId = await ask('hi', chatId);
    await caller.untilEnded(streamId);
    expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'completed', text: SALT });
    await caller.untilEnded(await ask('and then?', chatId));
    expect(JSON.stringify(provider.requests.at(-1))).toContain(SALT);
    expect(JSON.stringify(provider.requests.at(-1))).not.toContain('hidden thought');
  });

  test('is not called again after the machine has slept for longer than all timeouts', async () => {
    let at = 0;
    answer = async (response) => {
      for (; at < 40; at += 1) {
        writeEvents(response, { choices: [{ delta: { content: word(at) } }] });
        // The whole machine sleeps, so the model server sends nothing during that time either.
        do await delay(20);
        while (isAsleep);
      }
      response.end(STOP);
    };
    let isAsleep = false;
    const streamId = await ask('hi');
    await eventually('the answer has begun', () => at > 5);
    isAsleep = true;
    sidecar.freeze();
    // A pause of the process counts as sleep if it is longer than MAX_TICK_GAP_MS (generations.ts). This pause is longer than that,
    // and longer than STALL_TIMEOUT_MS and FIRST_TOKEN_TIMEOUT_MS.
    await delay(7_500);
    sidecar.thaw();
    isAsleep = false;
    // After waking up, the sidecar asks Redis first, and is not ready until Redis has answered.
    await eventually('the sidecar is awake', () => isReady(sidecar.url));
    await caller.untilEnded(streamId);
    const text = Array.from({ length: 40 }, (_, index) => word(index)).join('');
    expect(await checkOneEnd(bed, caller, streamId)).toMatchObject({ status: 'completed', text });
    expect(provider.requests).toHaveLength(1);
    expect(bed.log.of('stream.recovered')).toEqual([]);
  }, 30_000);

  test('is asked again after a silence of STALL_TIMEOUT_MS, even if this setting is more than ten seconds', async () => {
    const patient = await createCaller(await bed.spawn({ STALL_TIMEOUT_MS: '12000' }));
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      writeEvents(response, { choices: [{ delta: { content: word(provider.requests.length) } }] });
      if (provider.requests.length > 1) response.end(STOP);
    };
    const streamId = await patient.startStream({ chatId: newId('chat'), modelId: 'local/m', text: 'hi' });
    expect((await patient.untilEnded(streamId, { withinMs: 25_000 })).status).toBe('completed');
    expect(provider.requests).toHaveLength(2);
  }, 40_000);
});
