import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { plainRequestId, traceIdIn } from './request-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;

let bed: TestBed;
let sidecar: TestSidecar;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  sidecar = await bed.start();
  caller = await createCaller(sidecar);
});
afterAll(() => bed?.close());

describe('a request', () => {
  const body = (modelId: string, id: string) => ({
    chatId: `chat-${id}`,
    messageId: `m-${id}`,
    modelId,
    messages: [{ role: 'user', content: 'Hello' }],
  });

  test('is named, with its trace, in the log lines of the stream that it started', async () => {
    const headers = { 'x-request-id': 'req.1_a-B', traceparent: TRACEPARENT };
    const answer = await caller.call('POST', '/streams', { body: body('synthetic/5x20@100', 'a'), headers });
    expect(answer.headers.get('x-request-id')).toBe('req.1_a-B');
    const streamId = String(answer.body.streamId);
    await eventually('the end is logged', () => sidecar.log.of('stream.completed', streamId).length > 0);
    const named = { streamId, requestId: 'req.1_a-B', traceId: TRACE };
    expect(sidecar.log.of('stream.started', streamId)).toMatchObject([named]);
    expect(sidecar.log.of('stream.completed', streamId)).toMatchObject([named]);

    await caller.call('GET', `/streams/${streamId}/events`, { headers: { 'x-request-id': 'req.2' } });
    const [resumed] = sidecar.log.of('stream.resumed', streamId);
    expect(resumed).toEqual({ event: 'stream.resumed', streamId, kind: 'beginning', requestId: 'req.2' });
  });

  test('that stops a stream is named in the log line for the end of the stream', async () => {
    const started = await caller.call('POST', '/streams', { body: body('synthetic/9999x20@50', 'b') });
    const streamId = String(started.body.streamId);
    await caller.call('DELETE', `/streams/${streamId}`, { headers: { 'x-request-id': 'stop-it' } });
    expect(sidecar.log.of('stream.cancelled', streamId)).toMatchObject([{ requestId: 'stop-it' }]);
  });

  test('gets a new id if its `X-Request-Id` is not safe to log', async () => {
    for (const given of ['', 'two words', '{"event":"forged"}', 'x'.repeat(129)]) {
      const { headers } = await caller.call('GET', '/models', { headers: { 'x-request-id': given } });
      expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    }
  });

  test('gets a response with the request id in a header, even if the response is an error or a stream', async () => {
    const headers = { 'x-request-id': 'lost' };
    expect((await caller.call('GET', '/nowhere', { headers })).headers.get('x-request-id')).toBe('lost');
    expect((await caller.call('POST', '/streams', { raw: '{', headers })).headers.get('x-request-id')).toBe('lost');
    const started = await caller.call('POST', '/streams', { body: body('synthetic/5x20@0', 'c') });
    const reader = openReader(caller, String(started.body.streamId));
    expect((await reader.head).headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    await reader.ended;
  });
});

test('the SDK of OpenTelemetry is not loaded if no collector is set', () => {
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) =>
    /opentelemetry\/(sdk|exp)/.test(file),
  );
  expect(loaded).toEqual([]);
});

describe('the ids in the headers of a request', () => {
  test.each([
    [TRACEPARENT, TRACE],
    [`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, undefined],
    [TRACEPARENT.toUpperCase(), undefined],
    [undefined, undefined],
  ])('`traceparent` %s: the trace id is %s', (header, traceId) => expect(traceIdIn(header)).toBe(traceId));

  test('the request id is the value of `X-Request-Id`, if this value is one string of at most 128 characters', () => {
    expect(plainRequestId('a'.repeat(128))).toBe('a'.repeat(128));
    expect(plainRequestId('a'.repeat(129))).toBeUndefined();
    expect(plainRequestId(['a', 'b'])).toBeUndefined();
  });
});
