import { describe, expect, test } from 'vitest';
import { persistently, postStart } from './stream-requests.ts';
import { fakeEnvironment } from './testing/fake-environment.ts';

const START = {
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  messages: [{ role: 'user' as const, content: 'Hi' }],
};
const ANSWER = { streamId: 's1', status: 'queued', place: 1 };

/** A response whose body is cut after its first bytes. */
const cutResponse = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"streamId":"s'));
        controller.error(new TypeError('network error'));
      },
    }),
    { status: 201 },
  );

/** Gives these responses in turn, and counts the requests. */
function serverOf(...responses: (() => Response | Promise<Response>)[]) {
  const seen = { requests: 0 };
  const environment = fakeEnvironment(async () => {
    seen.requests += 1;
    return responses.shift()!();
  });
  return { seen, environment };
}
const unreachable = () => Promise.reject(new TypeError('network error'));

describe('a request that does no harm if it is repeated', () => {
  test.each([
    ['no response arrives', unreachable],
    ['the response is cut in the middle of its body', cutResponse],
    ['the response is a page of some other server', () => new Response('<!doctype html>Log in to this network')],
    ['the server is being restarted', () => new Response('', { status: 502 })],
  ])('is repeated if %s', async (_, first) => {
    const { seen, environment } = serverOf(first, () => Response.json(ANSWER));
    const started = postStart(START, environment);
    await environment.advance(1000);
    expect(await started).toEqual(ANSWER);
    expect(seen.requests).toBe(2);
  });

  test('fails at once if the browser is offline, unless it waits until the browser is online again', async () => {
    const { seen, environment } = serverOf(unreachable, unreachable, () => Response.json(ANSWER));
    environment.change('offline');
    const request = (signal: AbortSignal) => environment.fetch('/', { signal });
    await expect(persistently({ environment, request })).rejects.toMatchObject({ code: 'network_error' });
    const waiting = persistently({ environment, request, waitsOffline: true });
    await environment.advance(60_000);
    expect(seen.requests).toBe(2);
    environment.change('online');
    expect(await waiting).toEqual(ANSWER);
  });
});
