import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../shared/chat/messages.ts';
import { createTransport } from './wire/transport.ts';
import { createTools } from './demo/registry.ts';
import { logSdkWarnings } from './ai-sdk.ts';
import { collect, fold, request, textOf, types, userMessage } from './testing/collect.ts';
import { createGoogleModels } from './google.ts';
import { knowledgeOf } from './knowledge.ts';
import { ModelError } from './model.ts';
import {
  geminiText,
  startProviderServer,
  writeError,
  writeEvents,
  type ProviderServer,
} from './testing/provider-server.ts';

const KEY = 'secret-api-key';
const MODEL = 'gemini-3.5-flash';
const TEXT = 'Hello wörld, 日本語 and 👩‍💻. '.repeat(6);

logSdkWarnings({ info: () => {} });

const now = () => new Date('2026-03-02T17:05:00Z');
const modelAt = (url: string, { modelId = MODEL, maxRetries = 0 } = {}) =>
  createGoogleModels({
    apiKey: KEY,
    baseUrl: `${url}/v1beta`,
    tools: createTools({ now }),
    maxRetries,
    post: createTransport(),
  })(modelId, knowledgeOf(modelId));
const ask = (url: string, text: string) => collect(modelAt(url), request({ messages: [userMessage(text)] }));

describe('against a server that speaks Gemini', () => {
  const mock = new LLMock({ port: 0, logLevel: 'silent' });
  beforeAll(() => mock.start());
  afterAll(() => mock.stop());
  afterEach(() => void mock.reset());

  test('text and reasoning arrive unchanged', async () => {
    mock.onMessage('hi', { content: TEXT, reasoning: 'Let me think about it.' }, { chunkSize: 7 });
    const { chunks, error } = await ask(mock.url, 'hi');
    expect(error).toBeNull();
    expect(types(chunks)).toEqual([
      'start',
      'start-step',
      'reasoning-start',
      'reasoning-delta',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-end',
      'finish-step',
      'finish',
    ]);
    expect(textOf(chunks)).toBe(TEXT);
    expect(fold(chunks).parts.find((part) => part.type === 'reasoning')?.text).toBe('Let me think about it.');
    expect(chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
  });

  test('instructions are sent as a system message', async () => {
    mock.onMessage('hi', { content: 'Hello' });
    await collect(modelAt(mock.url), request({ messages: [userMessage('hi')], instructions: 'Be brief.' }));
    expect(sent(mock)[0]).toEqual({ role: 'system', content: 'Be brief.' });
  });

  test.each([
    [400, 'Google did not accept this request. Please choose another model, or start a new conversation.', false],
    [
      401,
      'Google did not accept the API key. The operator of this server can check GOOGLE_GENERATIVE_AI_API_KEY.',
      false,
    ],
    [
      403,
      'Google did not accept the API key. The operator of this server can check GOOGLE_GENERATIVE_AI_API_KEY.',
      false,
    ],
    [404, 'Google does not have this model. Please choose another one.', false],
    [429, 'Google has had too many requests, or the quota is used up. Please try again in 1 second.', false],
    [500, 'Google had a problem of its own. Please try again.', true],
    [503, 'Google is overloaded. Please try again in a moment.', true],
  ])(
    'status %i before the first token is an error that tells the person what to do',
    async (status, message, retryable) => {
      mock.onMessage('hi', { error: { message: `echo of ${KEY} and of the prompt` }, status });
      const { chunks, error } = await ask(mock.url, 'hi');
      expect(error).toBeInstanceOf(ModelError);
      expect(error).toMatchObject({ message, retryable, continuationRefused: false });
      expect(textOf(chunks)).toBe('');
      expect(everythingIn(error)).not.toMatch(/secret|echo|hi\b/);
    },
  );

  test('a call that always fails before its response begins is made three times if two retries are allowed', async () => {
    mock.onMessage('hi', { error: { message: 'slow down' }, status: 429, retryAfter: 0 }, {});
    const failed = await collect(modelAt(mock.url, { maxRetries: 2 }), request({ messages: [userMessage('hi')] }));
    expect(failed.error).toBeInstanceOf(ModelError);
    expect(mock.getRequests()).toHaveLength(3);
  });

  test('if the connection is lost in the middle of an answer, an error is thrown after the text so far', async () => {
    mock.onMessage('hi', { content: TEXT }, { chunkSize: 7, latency: 5, truncateAfterChunks: 5 });
    const { chunks, error } = await ask(mock.url, 'hi');
    expect(error).toMatchObject({
      name: 'ModelError',
      message: 'The connection to Google was lost before the answer was complete. Please try again.',
      retryable: true,
    });
    expect(TEXT.startsWith(textOf(chunks))).toBe(true);
    expect(textOf(chunks)).not.toBe('');
  });

  test('if the server cannot be reached, the error says so', async () => {
    const gone = await startProviderServer(() => {});
    await gone.stop();
    const { error } = await ask(gone.url, 'hi');
    expect(error).toMatchObject({ message: expect.stringContaining('Google cannot be reached'), retryable: true });
  });

  test('a tool is called, its result sent back, and the answer given', async () => {
    mock.on(
      { userMessage: 'time', hasToolResult: false },
      { toolCalls: [{ name: 'current_time', arguments: '{"place":"Tokyo"}' }], finishReason: 'stop' },
    );
    mock.on({ userMessage: 'time', hasToolResult: true }, { content: 'It is 02:05.' });
    const { chunks, error } = await ask(mock.url, 'what time is it?');
    expect(error).toBeNull();
    const message = fold(chunks);
    expect(message.parts.map((part) => part.type)).toEqual(['step-start', 'tool-current_time', 'step-start', 'text']);
    expect(message.parts[1]).toMatchObject({
      state: 'output-available',
      input: { place: 'Tokyo' },
      output: { time: '02:05', timeZone: 'Asia/Tokyo' },
    });
    expect(sent(mock).at(-1)).toMatchObject({ role: 'tool', content: expect.stringContaining('Asia/Tokyo') });
  });

  test('a tool that fails says why, to the model and to the person', async () => {
    mock.on(
      { userMessage: 'time', hasToolResult: false },
      { toolCalls: [{ name: 'current_time', arguments: '{"place":"Atlantis"}' }], finishReason: 'stop' },
    );
    mock.on({ userMessage: 'time', hasToolResult: true }, { content: 'I do not know.' });
    const { chunks, error } = await ask(mock.url, 'what time is it?');
    expect(error).toBeNull();
    expect(fold(chunks).parts[1]).toMatchObject({
      state: 'output-error',
      errorText: expect.stringContaining('"Atlantis" is not a place I know'),
    });
    expect(sent(mock).at(-1)).toMatchObject({ role: 'tool', content: expect.stringContaining('Atlantis') });
  });

  test('a model that only calls tools is stopped after five steps', async () => {
    mock.onMessage('time', {
      toolCalls: [{ name: 'current_time', arguments: '{"place":"Tokyo"}' }],
      finishReason: 'stop',
    });
    const { error } = await ask(mock.url, 'what time is it?');
    expect(error).toMatchObject({ message: 'Google gave an empty answer. Please try again, or ask in other words.' });
    expect(mock.getRequests()).toHaveLength(5);
  });

  test('tools are offered only to models that support them', async () => {
    mock.onMessage('hi', { content: 'Hello' });
    await collect(modelAt(mock.url, { modelId: 'gemini-3.1-flash-image' }), request({ messages: [userMessage('hi')] }));
    expect(mock.getLastRequest()!.body).toMatchObject({ tools: undefined });
    await ask(mock.url, 'hi');
    expect(mock.getLastRequest()!.body).toMatchObject({ tools: [{ function: { name: 'current_time' } }] });
  });

  describe('when a partial answer is continued', () => {
    const goOn = (parts: Message['parts']) =>
      collect(
        modelAt(mock.url),
        request({ messages: [userMessage('hi')], partial: { id: 'a1', role: 'assistant', parts } }),
      );

    test('the text so far is sent last, as a message of the assistant, and reasoning is left out', async () => {
      mock.onMessage('hi', { content: ' fox jumps' });
      const { chunks, error } = await goOn([
        { type: 'step-start' },
        { type: 'reasoning', text: 'hm', state: 'done' },
        { type: 'text', text: 'The quick', state: 'done' },
        { type: 'text', text: ' brown', state: 'streaming' },
      ]);
      expect(error).toBeNull();
      expect(textOf(chunks)).toBe(' fox jumps');
      expect(sent(mock)).toEqual([
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'The quick brown' },
      ]);
    });

    test('a tool call with a result is sent and not run again, and one without a result is left out', async () => {
      mock.onMessage('hi', { content: 'It is 02:05.' });
      const tool = { type: 'tool-current_time', input: { place: 'Tokyo' } };
      await goOn([
        { type: 'step-start' },
        { ...tool, toolCallId: 't1', state: 'output-available', output: { time: '02:05' } },
        { type: 'step-start' },
        { ...tool, toolCallId: 't2', state: 'input-available' },
      ]);
      expect(sent(mock)).toMatchObject([
        { role: 'user' },
        { role: 'assistant', tool_calls: [{ function: { name: 'current_time' } }] },
        { role: 'tool', content: expect.stringContaining('02:05') },
      ]);
      expect(mock.getRequests()).toHaveLength(1);
    });

    test('text that follows a tool call in the same step is sent after the result of the tool', async () => {
      mock.onMessage('hi', { content: ' and later.' });
      await goOn([
        { type: 'step-start' },
        { type: 'tool-current_time', toolCallId: 't1', state: 'output-available', input: {}, output: {} },
        { type: 'text', text: 'It is 02:05' },
      ]);
      expect(sent(mock).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    });

    test('a partial answer with only reasoning is left out, so the question is the last message', async () => {
      mock.onMessage('hi', { content: 'Hello' });
      await goOn([{ type: 'step-start' }, { type: 'reasoning', text: 'hm' }]);
      expect(sent(mock)).toEqual([{ role: 'user', content: 'hi' }]);
    });

    test('an empty continuation is not an error, because perhaps nothing was missing', async () => {
      mock.onMessage('hi', { content: '' });
      const { chunks, error } = await goOn([{ type: 'text', text: 'All said.' }]);
      expect(error).toBeNull();
      expect(chunks.at(-1)?.type).toBe('finish');
    });

    test('an empty continuation of an answer that has only thoughts so far is an error', async () => {
      mock.onMessage('hi', { content: '' });
      const { error } = await goOn([{ type: 'step-start' }, { type: 'reasoning', text: 'hm' }]);
      expect(error).toMatchObject({ code: 'empty_answer' });
    });

    test('a refusal to continue is distinguished from other errors', async () => {
      mock.onMessage('hi', { error: { message: 'Requests ending with a model turn are not supported.' }, status: 400 });
      expect((await goOn([{ type: 'text', text: 'The quick' }])).error).toMatchObject({ continuationRefused: true });
      mock.reset().onMessage('hi', { error: { message: 'no' }, status: 401 });
      expect((await goOn([{ type: 'text', text: 'The quick' }])).error).toMatchObject({ continuationRefused: false });
    });
  });
});

describe('against a scripted server', () => {
  let server: ProviderServer;
  afterEach(() => server.stop());

  test('a stream that ends without its end marker was cut, even if the connection closes cleanly', async () => {
    server = await startProviderServer((response) => {
      writeEvents(response, geminiText('The quick'), geminiText(' brown'));
      response.end();
    });
    const { chunks, error } = await ask(server.url, 'hi');
    expect(textOf(chunks)).toBe('The quick brown');
    expect(error).toMatchObject({ message: expect.stringContaining('was lost'), retryable: true });
    expect(chunks.some((chunk) => chunk.type === 'finish')).toBe(false);
  });

  test.each([
    [{ code: 429, status: 'RESOURCE_EXHAUSTED' }, 'Google has had too many requests', false],
    [{ code: 503, status: 'UNAVAILABLE' }, 'Google is overloaded', true],
    [{ code: 500, status: 'INTERNAL' }, 'Google had a problem of its own', true],
  ])('an error in the stream, %j, is thrown after the text so far', async (fields, message, retryable) => {
    server = await startProviderServer((response) => {
      writeEvents(response, geminiText('The quick'), { error: { message: `about ${KEY}`, ...fields } });
      response.end();
    });
    const { chunks, error } = await ask(server.url, 'hi');
    expect(textOf(chunks)).toBe('The quick');
    expect(error).toMatchObject({ name: 'ModelError', message: expect.stringContaining(message), retryable });
    expect(everythingIn(error)).not.toContain(KEY);
    expect(chunks.some((chunk) => chunk.type === 'error' || chunk.type === 'finish')).toBe(false);
  });

  test.each([
    ['an answer', geminiText('half', { finishReason: 'SAFETY' })],
    ['a question', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }],
  ])('if a safety filter objects to %s, an error is thrown', async (_what, event) => {
    server = await startProviderServer((response) => {
      writeEvents(response, event);
      response.end();
    });
    const { error } = await ask(server.url, 'hi');
    expect(error).toMatchObject({
      code: 'content_refused',
      message: 'Google stopped this answer: its safety filter objected. Please ask in other words.',
      retryable: false,
    });
  });

  test('an invalid key is recognized by the reason in the error, even with status 400', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
    server = await startProviderServer((response) =>
      writeError(response, 400, {
        error: { code: 400, status: 'INVALID_ARGUMENT', message: 'API key not valid.', details },
      }),
    );
    expect((await ask(server.url, 'hi')).error).toMatchObject({ message: expect.stringContaining('API key') });
  });

  test('a reply that is not JSON is an error that does not quote the reply', async () => {
    server = await startProviderServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: <html>${KEY}</html>\n\n`);
    });
    const { error } = await ask(server.url, 'hi');
    expect(error).toMatchObject({
      message: 'Google sent something that could not be understood. Please try again.',
      retryable: true,
    });
    expect(everythingIn(error)).not.toContain(KEY);
  });

  test('an abort before or after the first token closes the connection at once, and the call ends without an error', async () => {
    for (const events of [[], [geminiText('The quick')]]) {
      server = await startProviderServer((response) => events.forEach((event) => writeEvents(response, event)));
      const abort = new AbortController();
      const asked = collect(modelAt(server.url), request({ signal: abort.signal }));
      await expect.poll(() => server.requests.length).toBe(1);
      const abortedMs = performance.now();
      abort.abort();
      const { chunks, error } = await asked;
      expect(error).toBeNull();
      expect(chunks.some((chunk) => chunk.type === 'finish' || chunk.type === 'abort')).toBe(false);
      await expect.poll(() => server.closed).toBe(1);
      expect(performance.now() - abortedMs).toBeLessThan(500);
      if (events.length === 0) await server.stop();
    }
  });

  test('a call that was aborted before it began sends no request', async () => {
    server = await startProviderServer((response) => writeEvents(response, geminiText('The quick')));
    const { chunks, error } = await collect(modelAt(server.url), request({ signal: AbortSignal.abort() }));
    expect(error).toBeNull();
    expect(textOf(chunks)).toBe('');
    expect(server.requests).toEqual([]);
  });

  test('a consumer that stops early closes the connection', async () => {
    server = await startProviderServer((response) => writeEvents(response, geminiText('The quick')));
    for await (const chunk of modelAt(server.url).stream(request())) if (chunk.type === 'text-delta') break;
    await expect.poll(() => server.closed).toBe(1);
  });
});

/** The messages of the last request. aimock converts the messages of every protocol to the same form. */
function sent(mock: LLMock): { role: string; content?: unknown }[] {
  const body = mock.getLastRequest()!.body;
  return body && 'messages' in body && Array.isArray(body.messages) ? body.messages : [];
}

/** Everything in an error that a logger could write. */
const everythingIn = (error: unknown): string => {
  const { message, stack, cause } = error as Error;
  return [message, stack, JSON.stringify(error), ...(cause ? [everythingIn(cause)] : [])].join('\n');
};
