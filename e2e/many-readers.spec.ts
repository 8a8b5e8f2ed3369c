import { figure } from '../testing/figures.ts';
import { createCaller } from './stack/caller.ts';
import { expect, test } from './stack/quick-demo.ts';
import { openResponse } from './stack/raw-response.ts';

const READERS = 300;

// Remix's `request.signal` may never abort after a garbage collection, so the app uses a signal of its own
// (app/process/exchange.server.ts). With few readers, the test could miss a signal that does not abort.
test(`soon after ${READERS} readers have left the app at the same moment, the sidecar has no readers, and the answers go on`, async ({
  stack,
}) => {
  const readers = () => figure({ url: stack.sidecarUrls[0]! }, 'rejoin_readers');
  const callers = await Promise.all(Array.from({ length: 6 }, () => createCaller(stack)));
  const streams = await Promise.all(
    callers.map(async (caller) => ({ caller, streamId: await caller.start({ modelId: 'synthetic/6000x40@10' }) })),
  );
  await expect.poll(readers).toBe(0);

  const responses = await Promise.all(
    Array.from({ length: READERS }, async (_, index) => {
      const { caller, streamId } = streams[index % streams.length]!;
      const accept = index % 5 === 0 ? 'text/plain' : 'text/event-stream';
      const headers = { authorization: `Bearer ${caller.token}`, accept };
      const response = await openResponse(`${stack.baseURL}/api/stream/resume/${streamId}`, { headers });
      await response.until('000001');
      return response;
    }),
  );
  expect(await readers()).toBe(READERS);
  for (const response of responses) response.leave();
  await expect.poll(readers, { timeout: 15_000 }).toBe(0);

  for (const { caller, streamId } of streams) {
    expect((await caller.state(streamId)).status).toBe('active');
    await caller.call('DELETE', `/api/stream/cancel/${streamId}`);
  }
});
