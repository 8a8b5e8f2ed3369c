import { describe, expect, test, vi } from 'vitest';
import { patientFetch, type PatientEnvironment } from './patient-fetch.ts';

const PAGE = 'http://app.test/chat/c1.data';

/** A server with these answers, one after the other. Counts how often the client waited between them. */
function serverThat(...answers: (() => Promise<Response>)[]) {
  const ask = vi.fn<typeof fetch>(() => answers.shift()!());
  const environment = {
    isThisPage: (input) => String(input) === PAGE,
    pause: vi.fn(() => Promise.resolve()),
  } satisfies PatientEnvironment;
  return { ask, fetch: patientFetch(ask, environment), pause: environment.pause };
}

const says = (body: string, status: number) => () => Promise.resolve(new Response(body, { status }));
const isAway = () => Promise.reject(new TypeError('Failed to fetch'));
/** The network fails after the response's head has arrived. */
const breaksOff = () =>
  Promise.resolve(
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('half'));
          controller.error(new TypeError('network error'));
        },
      }),
    ),
  );

describe('the data of the current page', () => {
  test('is requested until the server can answer', async () => {
    const { ask, fetch, pause } = serverThat(isAway, says('', 502), says('', 429), breaksOff, says('whole', 200));
    const response = await fetch(PAGE, { signal: new AbortController().signal });
    expect([response.status, await response.text()]).toEqual([200, 'whole']);
    expect(ask).toHaveBeenCalledTimes(5);
    expect(pause).toHaveBeenCalledTimes(4);
  });

  test.each([202, 401, 404])('may be refused with %i, or redirect, which the page handles', async (status) => {
    const { ask, fetch } = serverThat(says('why', status));
    const response = await fetch(PAGE);
    expect([response.status, await response.text()]).toEqual([status, 'why']);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test('is not requested any more once it is not needed', async () => {
    const wanted = new AbortController();
    const { ask, fetch, pause } = serverThat(isAway, isAway);
    pause.mockImplementation(() => Promise.resolve(wanted.abort()));
    await expect(fetch(PAGE, { signal: wanted.signal })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    expect(ask).toHaveBeenCalledTimes(1);
  });
});

test('other requests fail at once', async () => {
  const { ask, fetch } = serverThat(isAway, says('no', 502));
  await expect(fetch('http://app.test/chat/c2.data')).rejects.toThrow('Failed to fetch');
  expect((await fetch('http://app.test/chat/c2.data')).status).toBe(502);
  expect(ask).toHaveBeenCalledTimes(2);
});
