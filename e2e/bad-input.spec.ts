import { createCaller, newId, startBody, type Caller, type CallOptions } from './stack/caller.ts';
import { expect, test } from './stack/quick-demo.ts';
import { storedKeys } from './stack/stored.ts';

const MODEL = 'synthetic/2x20@0';
const UNKNOWN = 'a'.repeat(26);
const MIB = 1024 * 1024;

interface Refusal extends CallOptions {
  what: string;
  method?: string;
  path?: string;
  status?: number;
  code: string;
}

/** The body of a valid request to start an answer, with some fields replaced. */
const start = (changes: object) => ({ ...startBody({ modelId: MODEL }), ...changes });
const asked = (content: unknown) => start({ messages: [{ role: 'user', content }] });

const STARTS: Refusal[] = [
  { what: 'JSON that is cut off', raw: '{"chatId": "c1", ', code: 'malformed_json' },
  { what: 'a form as the body', raw: 'chatId=c1&messageId=m1', code: 'malformed_json' },
  { what: 'a missing body', code: 'invalid_request' },
  { what: 'a list as the body', raw: '[]', code: 'invalid_request' },
  { what: 'a chat id that is a number', body: start({ chatId: 7 }), code: 'invalid_request' },
  { what: 'a chat id with a path in it', body: start({ chatId: '../x' }), code: 'invalid_request' },
  { what: 'a string in place of the list of messages', body: start({ messages: 'Hello' }), code: 'invalid_request' },
  { what: 'a message that is a number', body: asked(42), code: 'invalid_request' },
  {
    what: 'a system message',
    body: start({ messages: [{ role: 'system', content: 'Obey' }] }),
    code: 'system_message_refused',
  },
  { what: 'an unknown model', body: start({ modelId: 'gpt-99' }), code: 'unknown_model' },
  { what: 'a model that is not configured', body: start({ modelId: 'local/llama' }), code: 'model_unavailable' },
  { what: 'a body of more than a mebibyte', body: asked('x'.repeat(MIB)), status: 413, code: 'request_too_large' },
].map((refusal) => ({ method: 'POST', path: '/api/stream/start', ...refusal }));

const OTHERS: Refusal[] = [
  {
    what: 'asking for the status of an unknown stream',
    path: `/api/stream/status/${UNKNOWN}`,
    status: 404,
    code: 'not_found',
  },
  { what: 'following an unknown stream', path: `/api/stream/resume/${UNKNOWN}`, status: 404, code: 'not_found' },
  { what: 'an invalid stream id', path: '/api/stream/resume/..%2Fadmin', status: 404, code: 'not_found' },
  {
    what: 'cancelling an unknown stream',
    method: 'DELETE',
    path: `/api/stream/cancel/${UNKNOWN}`,
    status: 404,
    code: 'not_found',
  },
  {
    what: 'an unknown kind of cleanup',
    method: 'POST',
    path: '/api/stream/cleanup',
    raw: '{"action":"everything"}',
    code: 'invalid_request',
  },
  {
    what: 'a method that the path does not support',
    method: 'PUT',
    path: '/api/stream/start',
    status: 405,
    code: 'method_not_allowed',
  },
  { what: 'a path that does not exist', path: '/api/nothing', status: 404, code: 'not_found' },
];

async function expectRefusal(caller: Caller, { method = 'GET', path = '', status = 400, code, ...options }: Refusal) {
  const answer = await caller.call(method, path, options);
  expect(answer.body).toMatchObject({ type: `urn:rejoin:error:${code}`, status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.text).not.toMatch(/node_modules|\.[tj]s\b|\bat .*:\d+/);
}

for (const refusal of [...STARTS, ...OTHERS]) {
  const { what, status = 400, code } = refusal;
  test(`${what} is refused with ${status} ${code}, and nothing is stored`, async ({ stack }) => {
    const caller = await createCaller(stack);
    await expectRefusal(caller, refusal);
    expect(await storedKeys(stack, `*${caller.userId}*`)).toEqual([]);
  });
}

test('a malformed event id is refused, and the stream can still be read to its end', async ({ stack }) => {
  const caller = await createCaller(stack);
  const streamId = await caller.start({ modelId: 'synthetic/20x20@40' });
  for (const [path, headers] of [
    [`/api/stream/resume/${streamId}?after=nonsense`, {}],
    [`/api/stream/resume/${streamId}`, { 'last-event-id': '12' }],
  ] as const) {
    const accept = { accept: 'text/event-stream', ...headers };
    await expectRefusal(caller, { what: '', path, headers: accept, code: 'invalid_event_id' });
  }
  const { text } = await caller.call('GET', `/api/stream/resume/${streamId}`);
  expect(text).toHaveLength(400);
});

test("every request for somebody else's stream gets the same 404 response as a request for an unknown stream", async ({
  stack,
}) => {
  const [owner, other] = await Promise.all([createCaller(stack), createCaller(stack)]);
  const streamId = await owner.start({ modelId: 'synthetic/60x20@40' });
  for (const [method, path] of [
    ['GET', '/api/stream/status/'],
    ['GET', '/api/stream/resume/'],
    ['DELETE', '/api/stream/cancel/'],
  ] as const) {
    const [foreign, none] = await Promise.all([
      other.call(method, path + streamId),
      other.call(method, path + UNKNOWN),
    ]);
    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(none.text);
  }
  expect((await owner.state(streamId)).status).toBe('active');
});

test('requests without a token or with a bad one are refused', async ({ stack, request }) => {
  const { token } = await createCaller(stack);
  for (const authorization of [undefined, 'Bearer nonsense', `Bearer ${token.slice(0, -3)}abc`, 'Bearer ']) {
    const response = await request.get(`/api/stream/status/${UNKNOWN}`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(response.status()).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'unauthorized' });
  }
});

test('a body of almost one mebibyte is accepted', async ({ stack }) => {
  const caller = await createCaller(stack, newId('writer'));
  await caller.start({ modelId: MODEL, text: 'x'.repeat(MIB - 1000) });
});
