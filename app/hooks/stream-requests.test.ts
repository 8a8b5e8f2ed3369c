import { describe, expect, test } from 'vitest';
import { persistently, postStart, requestCancel } from './stream-requests.ts';
import { fakeEnvironment, fakeServer } from './testing/fake-environment.ts';
import { recordLog } from './testing/recorded-log.ts';

const START = {
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  messages: [{ role: 'user' as const, content: 'Hi' }],
};
const ANSWER = { streamId: 's1', status: 'queued', place: 1 };

/** A response whose body fails when it is read. */
const cutResponse = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.error(new TypeError('network error'));
      },
    }),
    { status: 201 },
  );

/** A server that gives these responses in order, and counts the requests. */
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

  test('is not repeated if the browser is offline; with `waitsOffline` it is repeated when the browser is online again', async () => {
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

const away = () => new Response('', { status: 503 });
const signedOut = () => Response.json({ code: 'unauthorized' }, { status: 401 });

function serverThat(...responses: (Response | Error)[]) {
  const server = fakeServer(recordLog({ deltas: 2 }));
  server.answerNext(...responses);
  return { server, environment: fakeEnvironment(server.fetch) };
}

test('a start succeeds although the session expired during an outage, even if only the last try is refused with 401', async () => {
  const outage = [new TypeError('Failed to fetch'), away(), away(), away()];
  const { server, environment } = serverThat(...outage, signedOut());
  const started = postStart(START, environment);
  await environment.advance(60_000);
  expect(await started).toEqual({ streamId: 's1' });
  expect([server.asked, environment.refreshes]).toEqual([['start'], 1]);
});

test('a cancel renews the session again if it expires again in the same outage', async () => {
  const { server, environment } = serverThat(signedOut(), away(), signedOut(), away(), signedOut());
  const cancelled = requestCancel('s1', environment);
  await environment.advance(60_000);
  expect(await cancelled).toMatchObject({ status: 'cancelled' });
  expect([server.asked, environment.refreshes]).toEqual([['cancel'], 3]);
});

test('a request fails if it is refused again after the session was renewed, or if an outage outlasts all tries', async () => {
  const refused = serverThat(away(), signedOut(), signedOut());
  const first = expect(postStart(START, refused.environment)).rejects.toMatchObject({ code: 'unauthorized' });
  await refused.environment.advance(60_000);
  await first;
  expect(refused.environment.refreshes).toBe(1);
  const outage = serverThat(...Array.from({ length: 5 }, away));
  const second = expect(postStart(START, outage.environment)).rejects.toMatchObject({ code: 'overloaded' });
  await outage.environment.advance(60_000);
  await second;
  expect(outage.server.asked).toEqual([]);
});

test.each([
  [413, 'request_too_large', 'This is too long to send.'],
  [429, 'rate_limited', 'Too many requests. Please wait a moment.'],
  [403, 'refused', 'The server, or a proxy before it, has refused this.'],
  [500, 'internal', 'Something went wrong on our side.'],
])('a proxy’s page with status %i becomes error %s, whose text omits the status', async (status, code, message) => {
  const page = new Response('<h1>Sorry</h1>', { status });
  await expect(postStart(START, serverThat(page).environment)).rejects.toMatchObject({ code, message });
});
