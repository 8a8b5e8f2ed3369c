import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../shared/chat/messages.ts';
import { createTransport } from './wire/transport.ts';
import { createTools } from './demo/registry.ts';
import { collect, fold, request, textOf, types, userMessage } from './testing/collect.ts';
import { knowledgeOf } from './knowledge.ts';
import { createOpenAiCompatibleModels } from './openai-compatible.ts';
import { startProviderServer, writeError, writeEvents, type ProviderServer } from './testing/provider-server.ts';

const TEXT = 'Hello wörld, 日本語 and 👩‍💻. '.repeat(6);
const now = () => new Date('2026-03-02T17:05:00Z');

function modelsAt(url: string) {
  const logged: unknown[] = [];
  const models = createOpenAiCompatibleModels({
    baseUrl: `${url}/v1`,
    tools: createTools({ now }),
    maxRetries: 0,
    post: createTransport(),
    log: { info: (fields) => logged.push(fields) },
  });
  return { model: models('llama3', knowledgeOf('local/llama3')), logged };
}
const ask = (url: string, text: string) => collect(modelsAt(url).model, request({ messages: [userMessage(text)] }));
const partial = (text: string): Message => ({ id: 'a1', role: 'assistant', parts: [{ type: 'text', text }] });

describe("against a server that speaks OpenAI's protocol", () => {
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
  });

  test.each([
    [
      401,
      'The model server did not accept the API key. The operator of this server can check OPENAI_COMPATIBLE_API_KEY.',
    ],
    [404, 'The model server does not have this model. Please choose another one.'],
    [429, 'The model server has had too many requests, or the quota is used up. Please try again in 1 second.'],
    [503, 'The model server is overloaded. Please try again in a moment.'],
  ])('status %i before the first token is an error, and the request is not sent again', async (status, message) => {
    mock.onMessage('hi', { error: { message: 'no', type: 'invalid_request_error' }, status });
    const { error } = await ask(mock.url, 'hi');
    expect(error).toMatchObject({ name: 'ModelError', message });
    expect(mock.getRequests()).toHaveLength(1);
  });

  test.each([
    [429, 'insufficient_quota', 'The model server says that the quota or the credit of this account is used up.'],
    [400, 'context_length_exceeded', 'This conversation is too long for the model.'],
  ])('an error with the status %i and the code %s is recognized by the code', async (status, code, message) => {
    mock.onMessage('hi', { error: { message: 'no', code }, status });
    expect((await ask(mock.url, 'hi')).error).toMatchObject({ message: expect.stringContaining(message) });
  });

  test('if the connection is lost in the middle of an answer, an error is thrown after the text so far', async () => {
    mock.onMessage('hi', { content: TEXT }, { chunkSize: 7, latency: 5, truncateAfterChunks: 5 });
    const { chunks, error } = await ask(mock.url, 'hi');
    expect(error).toMatchObject({ message: expect.stringContaining('connection to the model server was lost') });
    expect(TEXT.startsWith(textOf(chunks))).toBe(true);
    expect(textOf(chunks)).not.toBe('');
  });

  test('a tool is called, its result sent back, and the answer given', async () => {
    mock.on(
      { userMessage: 'time', hasToolResult: false },
      { toolCalls: [{ name: 'current_time', arguments: '{"place":"Tokyo"}' }] },
    );
    mock.on({ userMessage: 'time', hasToolResult: true }, { content: 'It is 02:05.' });
    const { chunks, error } = await ask(mock.url, 'what time is it?');
    expect(error).toBeNull();
    expect(fold(chunks).parts.map((part) => part.type)).toEqual([
      'step-start',
      'tool-current_time',
      'step-start',
      'text',
    ]);
    expect(mock.getLastRequest()!.body).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', tool_calls: [{}] },
        { role: 'tool', content: expect.stringContaining('Asia/Tokyo') },
      ],
    });
  });

  test('a partial answer is sent last, with the two fields that some servers need to continue it', async () => {
    mock.onMessage('hi', { content: ' fox jumps' });
    const { chunks } = await collect(
      modelsAt(mock.url).model,
      request({ partial: partial('The quick brown'), messages: [userMessage('hi')] }),
    );
    expect(textOf(chunks)).toBe(' fox jumps');
    expect(mock.getLastRequest()!.body).toMatchObject({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'The quick brown' },
      ],
      continue_final_message: true,
      add_generation_prompt: false,
    });
    await ask(mock.url, 'hi');
    expect(mock.getLastRequest()!.body).not.toHaveProperty('continue_final_message');
  });
});

describe('against a server that differs from OpenAI', () => {
  let server: ProviderServer;
  afterEach(() => server.stop());

  const delta = (content: string, finish: string | null = null) => ({
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  });

  test.each([400, 500])(
    'a server that refuses tools with status %i is called without tools from then on',
    async (status) => {
      server = await startProviderServer((response, body) => {
        if (body.tools) return writeError(response, status, { error: { message: 'llama3 does not support tools' } });
        writeEvents(response, delta('Hello'), delta('!', 'stop'));
        response.end('data: [DONE]\n\n');
      });
      const { model, logged } = modelsAt(server.url);
      for (let turn = 0; turn < 2; turn += 1) {
        const { chunks, error } = await collect(model, request());
        expect(error).toBeNull();
        expect(textOf(chunks)).toBe('Hello!');
        expect(types(chunks)).toEqual([
          'start',
          'start-step',
          'text-start',
          'text-delta',
          'text-end',
          'finish-step',
          'finish',
        ]);
      }
      expect(server.requests.map((body) => 'tools' in body)).toEqual([true, false, false]);
      expect(logged).toEqual([{ event: 'model.without_tools', modelId: 'llama3' }]);
    },
  );

  test("an answer that was cut by the model's length limit is marked in the message's metadata", async () => {
    server = await startProviderServer((response) => {
      writeEvents(response, delta('As much as'), delta(' fits', 'length'));
      response.end('data: [DONE]\n\n');
    });
    const { chunks, error } = await collect(modelsAt(server.url).model, request());
    expect(error).toBeNull();
    expect(chunks.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: 'length',
      messageMetadata: { finishReason: 'length' },
    });
  });

  test('a refused partial answer is distinguished from other errors', async () => {
    server = await startProviderServer((response) =>
      writeError(response, 400, {
        error: { message: 'Assistant response prefill is incompatible with enable_thinking.' },
      }),
    );
    const { error } = await collect(modelsAt(server.url).model, request({ partial: partial('The quick') }));
    expect(error).toMatchObject({ name: 'ModelError', continuationRefused: true });
  });

  test('an error after the answer has begun does not count as a refused partial answer', async () => {
    server = await startProviderServer((response, { messages }) => {
      if (Array.isArray(messages) && messages.length > 2)
        return writeError(response, 400, { error: { message: 'no' } });
      writeEvents(response, {
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: [{ index: 0, id: 't1', function: { name: 'current_time', arguments: '{"place":"UTC"}' } }],
            },
            finish_reason: 'tool_calls',
          },
        ],
      });
      response.end('data: [DONE]\n\n');
    });
    const { error } = await collect(modelsAt(server.url).model, request({ partial: partial('The quick') }));
    expect(server.requests).toHaveLength(2);
    expect(error).toMatchObject({ name: 'ModelError', continuationRefused: false });
  });

  test('an error in the stream is thrown after the text so far', async () => {
    server = await startProviderServer((response) => {
      writeEvents(response, delta('The quick'), { error: { message: 'out of memory', type: 'server_error' } });
      response.end();
    });
    const { chunks, error } = await ask(server.url, 'hi');
    expect(textOf(chunks)).toBe('The quick');
    expect(error).toMatchObject({
      message: 'The model server had a problem of its own. Please try again.',
      retryable: true,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a stream that ends without its end marker was cut, even if the connection closes cleanly', async () => {
    server = await startProviderServer((response) => {
      writeEvents(response, delta('The quick'));
      response.end();
    });
    const { chunks, error } = await ask(server.url, 'hi');
    expect(textOf(chunks)).toBe('The quick');
    expect(error).toMatchObject({ name: 'ModelError', code: 'connection_lost', retryable: true });
  });

  test('a consumer that stops early closes the connection', async () => {
    server = await startProviderServer((response) => writeEvents(response, delta('The quick')));
    for await (const chunk of modelsAt(server.url).model.stream(request())) if (chunk.type === 'start') break;
    await expect.poll(() => server.closed).toBe(1);
  });
});
