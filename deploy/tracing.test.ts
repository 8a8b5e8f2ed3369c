import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followToTheEnd } from '../testing/follow.ts';
import { startBody } from '../testing/caller.ts';
import { eventually } from '../testing/eventually.ts';
import { token } from '../testing/tokens.ts';
import { startCollector, type Collector } from './testing/collector.ts';
import { openPair, type Pair } from './testing/pair.ts';

let collector: Collector;
let pair: Pair;
let authorization: string;

beforeAll(async () => {
  collector = await startCollector();
  pair = await openPair({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, DRAIN_MS: '100' });
  authorization = `Bearer ${await token()}`;
}, 120_000);
afterAll(async () => {
  await pair?.close();
  await collector?.stop();
});

async function start(headers: Record<string, string>, modelId = 'synthetic/20x20@100') {
  const response = await fetch(`${pair.app.url}/api/stream/start`, {
    method: 'POST',
    headers: { authorization, ...headers },
    body: JSON.stringify(startBody({ modelId })),
  });
  expect(response.status).toBe(201);
  const { streamId } = (await response.json()) as { streamId: string };
  return { streamId, response };
}

const spansOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);

test('one trace contains the request to the app, the request to the sidecar, and the generation', async () => {
  const traceId = randomBytes(16).toString('hex');
  const caller = randomBytes(8).toString('hex');
  const { streamId } = await start({ traceparent: `00-${traceId}-${caller}-01`, tracestate: 'vendor=1' });
  await followToTheEnd(`${pair.app.url}/api/stream/resume/${streamId}`, { headers: { authorization } });
  await eventually('the three spans', () => spansOf(traceId).length === 3);

  const [app, request, generation] = ['POST', 'POST /streams', 'generation'].map((name) =>
    spansOf(traceId).find((span) => span.name === name)!,
  );
  expect(app).toMatchObject({ service: 'rejoin-app', parentSpanId: caller });
  expect(request).toMatchObject({ service: 'rejoin-sidecar', parentSpanId: app!.spanId });
  expect(request!.attributes).toMatchObject({ 'http.route': '/streams', 'http.response.status_code': 201 });
  expect(generation).toMatchObject({ service: 'rejoin-sidecar', parentSpanId: request!.spanId });
  expect(generation!.attributes).toMatchObject({
    'rejoin.stream_id': streamId,
    'gen_ai.request.model': 'synthetic/20x20@100',
    'rejoin.outcome': 'completed',
  });
  expect(pair.sidecar.log.of('stream.started', streamId)).toMatchObject([{ traceId }]);
});

test('a request without a trace begins a new trace, which contains the generation even if the generation fails', async () => {
  const { streamId } = await start({}, 'synthetic/10x20@100?failAt=3');
  const generation = () => collector.spans.find((span) => span.attributes['rejoin.stream_id'] === streamId);
  await eventually('the span of the generation', () => generation() !== undefined);
  expect(generation()!.attributes).toMatchObject({ 'rejoin.outcome': 'error', 'error.type': 'model_error' });
  await eventually('the spans of the requests', () =>
    ['POST', 'POST /streams'].every((name) => spansOf(generation()!.traceId).some((span) => span.name === name)),
  );
});

test('a process sends its remaining spans before it stops', async () => {
  const { streamId } = await start({}, 'synthetic/10000x20@50');
  const traceId = String(pair.sidecar.log.of('stream.started', streamId)[0]!.traceId);
  await pair.sidecar.kill('SIGTERM');
  expect(spansOf(traceId).map(({ name }) => name)).toContain('generation');
});
