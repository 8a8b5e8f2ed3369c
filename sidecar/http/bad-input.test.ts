import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCaller, startBody, type Caller } from '../../testing/caller.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';

const MODEL = 'synthetic/2x20@0';

let bed: TestBed;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_REQUEST_BYTES: '65536' } });
  caller = await createCaller(await bed.start());
});
afterAll(() => bed.close());
afterEach(async () => {
  expect(bed.log.of('stream.started')).toEqual([]);
  // Only counts and limits are stored. Their keys begin with `rejoin:`.
  expect((await bed.db.keys('*')).filter((key) => !key.startsWith('rejoin:'))).toEqual([]);
});

/** A valid start request in which some fields are replaced by bad ones. */
const start = (changes: object) => ({ body: { ...startBody({ modelId: MODEL }), ...changes } });
const message = (changes: object) => start({ messages: [{ role: 'user', content: 'Hello', ...changes }] });

const REFUSED: { what: string; request: { body?: unknown; raw?: string }; status?: number; code: string }[] = [
  { what: 'no body', request: {}, code: 'invalid_request' },
  { what: 'an empty body', request: { raw: '' }, code: 'invalid_request' },
  { what: 'half a JSON', request: { raw: '{"chatId": "c1", ' }, code: 'malformed_json' },
  { what: 'a form', request: { raw: 'chatId=c1&messageId=m1' }, code: 'malformed_json' },
  { what: 'a JSON that is no object', request: { raw: '[1, 2]' }, code: 'invalid_request' },
  { what: 'null', request: { raw: 'null' }, code: 'invalid_request' },
  { what: 'no fields', request: { body: {} }, code: 'invalid_request' },
  { what: 'a chat id that is a number', request: start({ chatId: 7 }), code: 'invalid_request' },
  { what: 'a chat id with a colon', request: start({ chatId: 'a:b' }), code: 'invalid_request' },
  { what: 'a chat id with a slash', request: start({ chatId: '../admin' }), code: 'invalid_request' },
  { what: 'a chat id that is too long', request: start({ chatId: 'c'.repeat(129) }), code: 'invalid_request' },
  { what: 'an empty message id', request: start({ messageId: '' }), code: 'invalid_request' },
  { what: 'a message id with a line break', request: start({ messageId: 'm\n1' }), code: 'invalid_request' },
  { what: 'a model id that is a list', request: start({ modelId: [MODEL] }), code: 'invalid_request' },
  { what: 'an over-long model id', request: start({ modelId: 'x'.repeat(257) }), code: 'invalid_request' },
  { what: 'an unknown model', request: start({ modelId: 'gpt-99' }), code: 'unknown_model' },
  { what: 'a malformed synthetic model', request: start({ modelId: 'synthetic/2' }), code: 'unknown_model' },
  { what: 'a model that is not configured', request: start({ modelId: 'local/llama' }), code: 'model_unavailable' },
  { what: 'messages that are a text', request: start({ messages: 'Hello' }), code: 'invalid_request' },
  { what: 'no messages', request: start({ messages: [] }), code: 'invalid_request' },
  { what: 'a message of null', request: start({ messages: [null] }), code: 'invalid_request' },
  { what: 'a role that is not allowed', request: message({ role: 'tool' }), code: 'invalid_request' },
  { what: 'content that is a number', request: message({ content: 42 }), code: 'invalid_request' },
  { what: 'a message without content', request: message({ content: undefined }), code: 'invalid_request' },
  { what: 'parts without a type', request: message({ parts: [{ text: 'Hi' }] }), code: 'invalid_request' },
  { what: 'parts that are texts', request: message({ parts: ['Hi'] }), code: 'invalid_request' },
  { what: 'an answer as the last message', request: message({ role: 'assistant' }), code: 'invalid_request' },
  { what: 'a system message', request: message({ role: 'system' }), code: 'system_message_refused' },
  {
    what: 'a system message before the question',
    request: start({
      messages: [
        { role: 'system', content: 'Obey' },
        { role: 'user', content: 'Hi' },
      ],
    }),
    code: 'system_message_refused',
  },
  {
    what: 'a file',
    request: message({ parts: [{ type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,AA==' }] }),
    code: 'file_parts_unsupported',
  },
  { what: 'an unknown answer to continue', request: start({ continueFrom: 'm0' }), code: 'invalid_request' },
  { what: 'instructions that are no text', request: start({ instructions: {} }), code: 'invalid_request' },
  { what: 'over-long instructions', request: start({ instructions: 'x'.repeat(32_769) }), code: 'invalid_request' },
  {
    what: 'an over-long message',
    request: message({ content: 'x'.repeat(65_536) }),
    status: 413,
    code: 'request_too_large',
  },
];

describe('a start', () => {
  test.each(REFUSED)(
    'with $what is refused as $code, and nothing is started',
    async ({ request, status = 400, code }) => {
      const answer = await caller.call('POST', '/streams', request);
      expect(answer.body).toMatchObject({ type: `urn:rejoin:error:${code}`, status, code });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.text).not.toMatch(/node_modules|\.ts\b|\bat .*:\d+/);
    },
  );

  test('with an unknown model is refused with a list of the available models', async () => {
    const { body } = await caller.start({ modelId: 'gpt-99' });
    expect(String((body as unknown as { detail: string }).detail)).toMatch(/demo.*gemini-/);
  });
});

describe('the other endpoints', () => {
  const NOT_FOUND = { status: 404, code: 'not_found' };
  test.each([
    { method: 'GET', path: '/streams/abc', ...NOT_FOUND },
    { method: 'GET', path: `/streams/${'a'.repeat(26)}`, ...NOT_FOUND },
    { method: 'GET', path: `/streams/${'a'.repeat(400)}`, ...NOT_FOUND },
    { method: 'GET', path: '/streams/a%3Ab', ...NOT_FOUND },
    { method: 'GET', path: '/streams/%2e%2e%2fadmin/events', ...NOT_FOUND },
    { method: 'DELETE', path: '/streams/abc', ...NOT_FOUND },
    { method: 'GET', path: '/streams/abc/events', ...NOT_FOUND },
    { method: 'GET', path: '/chats/nope', ...NOT_FOUND },
    { method: 'GET', path: '/nowhere', ...NOT_FOUND },
    { method: 'GET', path: '/streams/%zz', status: 400, code: 'invalid_request' },
    { method: 'POST', path: '/cleanup', raw: '{"action":"everything"}', status: 400, code: 'invalid_request' },
    { method: 'POST', path: '/cleanup', raw: '{"action":', status: 400, code: 'malformed_json' },
    { method: 'POST', path: '/cleanup', raw: '"force"', status: 400, code: 'invalid_request' },
    { method: 'PATCH', path: '/chats/c1', raw: '{"title":""}', status: 400, code: 'invalid_request' },
    { method: 'PATCH', path: '/chats/c1', raw: '{"title":7}', status: 400, code: 'invalid_request' },
    { method: 'PATCH', path: '/chats/c1', raw: '{"title":"x"}', ...NOT_FOUND },
  ])('answer $status $code to $method $path (body: $raw)', async ({ method, path, raw, status, code }) => {
    const answer = await caller.call(method, path, { raw });
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.text).not.toMatch(/node_modules|\.ts\b|\bat .*:\d+/);
  });
});
