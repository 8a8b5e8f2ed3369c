import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCaller, newId, type Answer } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SILENT = 'synthetic/3x20@0?startDelayMs=600000';

let bed: TestBed;
beforeAll(async () => {
  bed = await openTestBed();
});
afterAll(() => bed.close());

function expectOverloaded(answer: Answer<object>): void {
  expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded', status: 503 } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

describe('a sidecar with the maximum number of answers', () => {
  test('refuses starts until an answer has ended, and continues its running answers', async () => {
    const full = await bed.spawn({ MAX_STREAMS: '3' });
    const caller = await createCaller(full);
    const modelId = 'synthetic/100000x20@20';
    const started = await Promise.all(Array.from({ length: 8 }, () => caller.start({ modelId })));
    const streamIds = started.filter(({ status }) => status === 201).map(({ body }) => body.streamId);
    expect(streamIds).toHaveLength(3);
    for (const answer of started.filter(({ status }) => status !== 201)) expectOverloaded(answer);

    const request = { chatId: newId('chat'), messageId: newId('m'), modelId: SILENT };
    expectOverloaded(await caller.start(request));
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await caller.call('GET', path)).status).toBe(200);
    }
    const { bytes } = await caller.state(streamIds[0]!);
    await eventually('the answer goes on', async () => (await caller.state(streamIds[0]!)).bytes > bytes);
    const WARN = 40;
    expect(full.log.of('request.failed')).toEqual([]);
    expect(full.log.of('request.refused')[0]).toMatchObject({
      level: WARN,
      code: 'overloaded',
      detail: 'This process writes as many answers as MAX_STREAMS allows.',
    });
    await caller.cancel(streamIds[0]!);
    await eventually('there is room', async () => (await caller.start(request)).status === 201);
    expect((await caller.start(request)).status).toBe(200);
  });

  test('refuses a start, and another sidecar that has room accepts the same start', async () => {
    const [full, free] = [await bed.start({ MAX_STREAMS: '1' }), await bed.start()];
    const caller = await createCaller(full);
    await caller.startStream({ modelId: SILENT });
    const request = { chatId: newId('chat'), messageId: newId('m'), modelId: SILENT };
    expectOverloaded(await caller.start(request));
    expect((await caller.at(free).start(request)).status).toBe(201);
  });
});

describe('a sidecar that is short', () => {
  test.each(['MAX_HEAP_BYTES', 'MAX_RSS_BYTES'])(
    'of memory (%s) refuses starts and readers, but still serves requests that add no load',
    async (limit) => {
      const [short, free] = [await bed.start({ [limit]: '1' }), await bed.start()];
      const caller = await createCaller(short);
      const streamId = await caller.at(free).startStream({ modelId: SILENT });
      // The process checks its load once a second.
      await eventually(
        'the sidecar has noticed the shortage',
        async () => (await caller.start({ modelId: 'synthetic/1x20@0' })).status === 503,
      );
      expectOverloaded(await caller.start({ modelId: SILENT }));
      expectOverloaded(await caller.call('GET', `/streams/${streamId}/events`));
      expect((await caller.state(streamId)).status).toBe('active');
      for (const path of ['/healthz', '/readyz', '/metrics', '/streams', '/models']) {
        expect((await caller.call('GET', path)).status).toBe(200);
      }
      expect((await caller.cancel(streamId)).body.status).toBe('cancelled');
    },
  );

  test('of time (its event loop is late) refuses readers until it has caught up, and then accepts a start', async () => {
    const short = await bed.spawn({ MAX_EVENT_LOOP_DELAY_MS: '100' });
    const caller = await createCaller(short);
    const streamId = await caller.startStream({ modelId: SILENT });
    const headers = { accept: 'text/event-stream', 'last-event-id': 'not an id' };
    await eventually('the sidecar has noticed the shortage', async () => {
      // The process is stopped nearly all the time, so its event loop is late. The process checks the delay once a second.
      for (let i = 0; i < 4; i++) {
        short.freeze();
        await delay(600);
        short.thaw();
        await delay(10);
      }
      const answer = await caller.call('GET', `/streams/${streamId}/events`, { headers });
      if (answer.status === 503) expectOverloaded(answer);
      return answer.status === 503;
    });
    expect((await caller.call('GET', '/healthz')).status).toBe(200);
    await eventually('the sidecar has caught up', async () => (await caller.start({ modelId: SILENT })).status === 201);
  });
});
