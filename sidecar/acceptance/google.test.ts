import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { checkOneEnd } from '../../testing/one-end.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog } from '../../testing/whole-log.ts';

const TEXT = 'Grüße aus 東京 🗼, wo die Antwort weitergeht. '.repeat(8);
const KEY = 'a-secret-key';

/** A Gemini answer over HTTP on both sides. */
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

  test('gives one helpful error without the key if it fails before the first token', async () => {
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

  test('gives an error if the connection is cut in the middle, and keeps what was written', async () => {
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

  test('answers under the name of a retired model if it was asked under that name', async () => {
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
  test('is answered by the demo, which says so', async () => {
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
