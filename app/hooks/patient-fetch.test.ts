import { decode } from 'turbo-stream';
import { describe, expect, test, vi } from 'vitest';
import { patientFetch, type PatientEnvironment } from './patient-fetch.ts';

const PAGE = 'http://app.test/chat/c1.data';

const OTHER = 'http://app.test/chat/c2.data';
const endWait = vi.fn();

/** A `patientFetch` whose server gives these responses in order, and mocks that count the requests and the waits. */
function serverThat(...answers: (() => Promise<Response>)[]) {
  const ask = vi.fn<typeof fetch>(() => answers.shift()!());
  const environment = {
    kindOf(input, init) {
      if (!String(input).endsWith('.data')) return null;
      if (init?.method === 'POST') return init.body === 'once' ? 'form-once' : 'form';
      return String(input) === PAGE ? 'this-page' : 'other-page';
    },
    pause: vi.fn(() => Promise.resolve()),
    wait: vi.fn(() => endWait),
    keptOffline: vi.fn<PatientEnvironment['keptOffline']>(() => null),
  } satisfies PatientEnvironment;
  return { ...environment, ask, fetch: patientFetch(ask, environment) };
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

  test.each([202, 401, 404])('is not requested again after a response with the status %i', async (status) => {
    const { ask, fetch } = serverThat(says('why', status));
    const response = await fetch(PAGE);
    expect([response.status, await response.text()]).toEqual([status, 'why']);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test('is not requested any more once the request is aborted', async () => {
    const wanted = new AbortController();
    const { ask, fetch, pause } = serverThat(isAway, isAway);
    pause.mockImplementation(() => Promise.resolve(wanted.abort()));
    await expect(fetch(PAGE, { signal: wanted.signal })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    expect(ask).toHaveBeenCalledTimes(1);
  });
});

describe('the data of another page', () => {
  test('is waited for while the network or the server is away, and the person is told', async () => {
    endWait.mockClear();
    const { fetch, wait } = serverThat(isAway, says('', 502), says('', 503), says('whole', 200));
    expect(await (await fetch(OTHER)).text()).toBe('whole');
    expect(wait).toHaveBeenCalledTimes(1);
    expect(endWait).toHaveBeenCalledTimes(1);
  });

  test('is not requested again after a response with the status 500', async () => {
    const { ask, fetch, wait } = serverThat(says('broken', 500));
    expect((await fetch(OTHER)).status).toBe(500);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(wait).not.toHaveBeenCalled();
  });

  test('is no longer waited for once the request is aborted', async () => {
    endWait.mockClear();
    const wanted = new AbortController();
    const { fetch, pause } = serverThat(isAway, isAway);
    pause.mockImplementation(() => Promise.resolve(wanted.abort()));
    await expect(fetch(OTHER, { signal: wanted.signal })).rejects.toThrow();
    expect(endWait).toHaveBeenCalledTimes(1);
  });
});

test('the kept data of a page is returned while the browser is offline and the server cannot be reached', async () => {
  const kept = {
    'routes/chat': { data: { title: 'Ä "quoted"', leaf: null, list: [1, [], { deep: false }], again: 1 } },
  };
  const { fetch, wait, keptOffline } = serverThat(isAway, says('fresh', 200), isAway, isAway, says('sent', 200));
  keptOffline.mockImplementation((input) => (input === OTHER ? kept : null));
  const { value } = await decode((await fetch(OTHER)).body!);
  expect(value).toEqual(kept);
  expect(wait).not.toHaveBeenCalled();
  // The server is asked first, because the browser may be wrong about being offline.
  expect(await (await fetch(OTHER)).text()).toBe('fresh');
  // A form is sent to the server again instead of being answered with the kept data.
  expect(await (await fetch(OTHER, { method: 'POST' })).text()).toBe('sent');
});

describe('a form', () => {
  test('that is lost on its way is sent again', async () => {
    const { ask, fetch } = serverThat(isAway, says('done', 200));
    expect(await (await fetch(OTHER, { method: 'POST' })).text()).toBe('done');
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('that our own server refuses is not sent again', async () => {
    const refused = () => Promise.resolve(new Response('why', { status: 503, headers: { 'x-remix-response': 'yes' } }));
    const { ask, fetch } = serverThat(refused);
    expect(await (await fetch(OTHER, { method: 'POST' })).text()).toBe('why');
    expect(ask).toHaveBeenCalledTimes(1);
  });
});

test('a form that must not be sent twice fails when it is lost, with a response that its page can show', async () => {
  const { ask, fetch } = serverThat(isAway, says('', 502), breaksOff);
  for (let time = 1; time <= 3; time += 1) {
    const { status, body } = await fetch(OTHER, { method: 'POST', body: 'once' });
    const { value } = await decode(body!);
    expect([status, value]).toEqual([503, { data: { code: 'network_error', message: expect.any(String) as string } }]);
    expect(ask).toHaveBeenCalledTimes(time);
  }
});

test("a request for anything other than a page's data is not repeated", async () => {
  const { ask, fetch } = serverThat(isAway, says('no', 502));
  await expect(fetch('http://app.test/api/chats')).rejects.toThrow('Failed to fetch');
  expect((await fetch('http://app.test/api/chats')).status).toBe(502);
  expect(ask).toHaveBeenCalledTimes(2);
});
