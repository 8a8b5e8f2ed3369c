import { expect, test } from 'vitest';
import { streamUrls, withBackend, type BackendOptions } from './stream-backend.ts';
import { postStart, requestCancel } from './stream-requests.ts';
import { fakeEnvironment } from './testing/fake-environment.ts';

interface Seen {
  url: string;
  headers: Headers;
}

function backend(options: BackendOptions) {
  const seen: Seen[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    seen.push({ url, headers: new Headers(init.headers) });
    return Response.json({ streamId: 's1', status: 'cancelled' });
  };
  return { seen, environment: withBackend(fakeEnvironment(fetch), () => options), fetch };
}
const REQUEST = {
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  messages: [{ role: 'user' as const, content: 'Hi' }],
};

test("requests go to this app's API by default", async () => {
  const { seen, environment } = backend({});
  await postStart(REQUEST, environment);
  await requestCancel('a/b', environment);
  expect(seen.map(({ url }) => url)).toEqual(['/api/stream/start', '/api/stream/cancel/a%2Fb']);
});

test('requests go to the URL of another backend, with and without a slash at its end', () => {
  for (const api of ['https://backend.example/answers', 'https://backend.example/answers/']) {
    const { start, resume, status } = streamUrls(api);
    expect([start, resume('s1'), status('s1')]).toEqual([
      'https://backend.example/answers/start',
      'https://backend.example/answers/resume/s1',
      'https://backend.example/answers/status/s1',
    ]);
  }
});

test('requests go to four given URLs, such as those of docs/examples/express.mjs', async () => {
  const api = {
    start: '/answers',
    resume: (id: string) => `/answers/${id}`,
    status: (id: string) => `/answers/${id}/status`,
    cancel: (id: string) => `/answers/${id}`,
  };
  const { seen, environment } = backend({ api });
  await postStart(REQUEST, environment);
  await requestCancel('s1', environment);
  expect(seen.map(({ url }) => url)).toEqual(['/answers', '/answers/s1']);
});

test('a function as `headers` is called before each request, and cannot replace the headers that the hook itself sets', async () => {
  let calls = 0;
  const headers = async () => ({ 'x-api-key': `key-${(calls += 1)}`, 'content-type': 'text/html' });
  const { seen, environment } = backend({ headers });
  await postStart(REQUEST, environment);
  await postStart(REQUEST, environment);
  expect(seen.map((request) => request.headers.get('x-api-key'))).toEqual(['key-1', 'key-2']);
  expect(seen[0]!.headers.get('content-type')).toBe('application/json');
});

test("the caller's own fetch makes the requests", async () => {
  const own: string[] = [];
  const { seen, environment } = backend({
    fetch: async (url) => {
      own.push(url);
      return Response.json({ streamId: 's1' });
    },
  });
  await postStart(REQUEST, environment);
  expect([own, seen]).toEqual([['/api/stream/start'], []]);
});
