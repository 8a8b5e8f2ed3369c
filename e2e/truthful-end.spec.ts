import { countDeltas } from '../testing/whole-log.ts';
import { createCaller, type Caller } from './stack/caller.ts';
import { startNginx, type Nginx } from './stack/nginx.ts';
import { expect, test as base } from './stack/proxied.ts';
import { openResponse, type RawResponse } from './stack/raw-response.ts';
import type { Stack } from './stack/start-stack.ts';

const test = base.extend<object, { nginx: Nginx }>({
  nginx: [
    async ({ stack }, use) => {
      const nginx = await startNginx({ target: stack.baseURL });
      await use(nginx);
      await nginx.stop();
    },
    { scope: 'worker' },
  ],
});

const LONG = 'synthetic/4000x40@20';
/** The synthetic model numbers its deltas. The number of the second delta is in every answer, near the beginning. */
const BEGINNING = '000001';

/** `name`: the format and the server, for example `text/plain from Remix`. */
interface Reader {
  name: string;
  isEvents: boolean;
  response: RawResponse;
}

/**
 * Opens two readers at each of three servers: the app, and the two servers of nginx. One reader asks for events, the other for plain
 * text. Waits until each reader has received {@link BEGINNING}.
 */
async function openReaders({
  stack,
  nginx,
  caller,
  streamId,
}: {
  stack: Stack;
  nginx: Nginx;
  caller: Caller;
  streamId: string;
}): Promise<Reader[]> {
  const doors = { Remix: stack.baseURL, 'nginx over HTTP/1.1': nginx.tuned, 'nginx over HTTP/1.0': nginx.untuned };
  const opening = Object.entries(doors).flatMap(([door, url]) =>
    ['text/event-stream', 'text/plain'].map(async (accept) => {
      const headers = { authorization: `Bearer ${caller.token}`, accept };
      const response = await openResponse(`${url}/api/stream/resume/${streamId}`, { headers });
      expect(response.status).toBe(200);
      await response.until(BEGINNING);
      return { name: `${accept} from ${door}`, isEvents: accept === 'text/event-stream', response };
    }),
  );
  return Promise.all(opening);
}

/** How the response to each reader ended, by the name of the reader. */
const endsOf = async (readers: Reader[]): Promise<Record<string, string>> =>
  Object.fromEntries(await Promise.all(readers.map(async ({ name, response }) => [name, await response.ended])));

const all = (readers: Reader[], how: 'clean' | 'cut') => Object.fromEntries(readers.map(({ name }) => [name, how]));

test('a complete answer ends cleanly, after [DONE]', async ({ stack, nginx }) => {
  const caller = await createCaller(stack);
  const streamId = await caller.start({ modelId: 'synthetic/60x40@40' });
  const readers = await openReaders({ stack, nginx, caller, streamId });
  expect(await endsOf(readers)).toEqual(all(readers, 'clean'));
  for (const { isEvents, response } of readers) {
    if (isEvents) expect(response.body).toMatch(/\ndata: \[DONE\]\nid: \S+\n\n$/);
    else expect(countDeltas(response.body, 40)).toBe(60);
  }
});

test('a cancelled answer ends cleanly, and its last event id is the one that the cancellation returned', async ({
  stack,
  nginx,
}) => {
  const caller = await createCaller(stack);
  const streamId = await caller.start({ modelId: LONG });
  const readers = await openReaders({ stack, nginx, caller, streamId });
  const { status, body } = await caller.call('DELETE', `/api/stream/cancel/${streamId}`);
  expect({ status, how: body.status }).toEqual({ status: 200, how: 'cancelled' });
  expect(await endsOf(readers)).toEqual(all(readers, 'clean'));
  for (const { isEvents, response } of readers) {
    if (isEvents) expect(response.body.endsWith(`id: ${String(body.lastEventId)}\n\n`)).toBe(true);
  }
});

test('if an answer fails, a response of events ends cleanly and contains the error, and a response of plain text is cut', async ({
  stack,
  nginx,
}) => {
  const caller = await createCaller(stack);
  const streamId = await caller.start({ modelId: 'synthetic/60x40@40?failAt=40' });
  const readers = await openReaders({ stack, nginx, caller, streamId });
  const ends = await endsOf(readers);
  for (const { name, isEvents, response } of readers) {
    expect(`${name}: ${ends[name]}`).toBe(`${name}: ${isEvents ? 'clean' : 'cut'}`);
    if (isEvents) expect(response.body).toContain('told to fail after 40 chunks');
    else expect(countDeltas(response.body, 40)).toBe(40);
  }
});

test('if the sidecar is killed, every response is cut and none ends cleanly', async ({ stack, nginx }) => {
  const caller = await createCaller(stack);
  const streamId = await caller.start({ modelId: LONG });
  const readers = await openReaders({ stack, nginx, caller, streamId });
  await stack.sidecars[0]!.kill();
  try {
    expect(await endsOf(readers)).toEqual(all(readers, 'cut'));
    for (const { response } of readers) expect(response.body).not.toContain('[DONE]');
  } finally {
    await stack.sidecars[0]!.restart();
  }
  await caller.call('DELETE', `/api/stream/cancel/${streamId}`);
});

test('if the connection to the sidecar is lost, every response is cut', async ({ stack, nginx, network }) => {
  const caller = await createCaller(stack);
  const streamId = await caller.start({ modelId: LONG });
  const readers = await openReaders({ stack, nginx, caller, streamId });
  network.cut();
  expect(await endsOf(readers)).toEqual(all(readers, 'cut'));
  await caller.call('DELETE', `/api/stream/cancel/${streamId}`);
});

test('if the app is killed, every response over HTTP/1.1 is cut', async ({ stack, nginx }) => {
  const caller = await createCaller(stack);
  const streamId = await caller.start({ modelId: LONG });
  const readers = await openReaders({ stack, nginx, caller, streamId });
  await stack.app.kill();
  try {
    // The kernel closes the connections of a killed process with a FIN. Over HTTP/1.0, nginx takes a FIN for the end of the body, so
    // docs/troubleshooting.md asks for HTTP/1.1.
    const seen = readers.filter(({ name }) => !name.endsWith('HTTP/1.0'));
    expect(await endsOf(seen)).toEqual(all(seen, 'cut'));
  } finally {
    await stack.app.restart();
  }
  await caller.call('DELETE', `/api/stream/cancel/${streamId}`);
});
