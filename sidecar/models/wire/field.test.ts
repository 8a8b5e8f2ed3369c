import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTools } from '../demo/registry.ts';
import { createGoogleModels } from '../google.ts';
import { knowledgeOf } from '../knowledge.ts';
import type { ModelError } from '../model.ts';
import { createOpenAiCompatibleModels } from '../openai-compatible.ts';
import { collect, fold, request, textOf } from '../testing/collect.ts';
import { startProviderServer, type ProviderServer } from '../testing/provider-server.ts';
import { createTransport } from './transport.ts';

/** The response of the test server: `step` 0 is the first request of an answer, 1 is the request after a tool call. */
let script: (step: number) => { status?: number; headers?: Record<string, string>; body: string };
let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer((response, body) => {
    const turns = (body.messages ?? body.contents) as Record<string, unknown>[];
    const isAfterTool = JSON.stringify(turns.at(-1)).match(/"tool"|functionResponse/) !== null;
    const { status = 200, headers = { 'content-type': 'text/event-stream' }, body: text } = script(isAfterTool ? 1 : 0);
    response.writeHead(status, headers).end(text);
  });
});
afterAll(() => server.stop());

const post = createTransport();
const tools = createTools({ now: () => new Date('2026-03-02T17:05:00Z') });
const options = { tools, maxRetries: 0, post };
const openai = () =>
  createOpenAiCompatibleModels({ ...options, baseUrl: `${server.url}/v1`, log: { info: () => {} } })(
    'm',
    knowledgeOf('local/m'),
  );
const gemini = () =>
  createGoogleModels({ ...options, apiKey: 'x', baseUrl: `${server.url}/v1beta` })(
    'gemini-3.5-flash',
    knowledgeOf('gemini-3.5-flash'),
  );

const ev = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const o = (delta: object, finish: unknown = null, top: object = {}) =>
  ev({ ...top, choices: [{ index: 0, delta, finish_reason: finish }] });
const g = (parts: unknown, finishReason?: string) => ev({ candidates: [{ content: { parts }, finishReason }] });
const DONE = 'data: [DONE]\n\n';
const STOP = o({}, 'stop') + DONE;
const TEXT = 'Honey keeps for years.';
const call = (args: unknown, more: object = {}) => ({
  index: 0,
  function: { name: 'current_time', arguments: args },
  ...more,
});

async function ask(
  body: string,
  {
    protocol = 'openai',
    status = 200,
    headers,
  }: { protocol?: string; status?: number; headers?: Record<string, string> } = {},
) {
  script = (step) =>
    step === 0
      ? { status, headers, body }
      : { body: protocol === 'openai' ? o({ content: TEXT }) + STOP : g([{ text: TEXT }], 'STOP') };
  const { chunks, error } = await collect(protocol === 'openai' ? openai() : gemini(), request());
  return {
    text: textOf(chunks.filter((chunk) => chunk.type === 'text-delta')),
    message: fold(chunks),
    code: (error as ModelError | null)?.code ?? null,
  };
}

describe('an answer in an unusual form, as real servers send it, is read completely', () => {
  test.each<[string, string]>([
    [
      'fields of unexpected types',
      o({ role: 'user', content: TEXT }, null, { id: 7, created: 'now', model: null, error: null, usage: 'none' }) +
        STOP,
    ],
    [
      'usage without choices',
      o({ content: TEXT }) +
        o({}, 'stop') +
        ev({ usage: { prompt_tokens: '9' } }) +
        ev({ choices: null, usage: {} }) +
        DONE,
    ],
    [
      'an empty reason in every frame',
      o({ content: TEXT.slice(0, 9) }, '') + o({ content: TEXT.slice(9) }, 'null') + STOP,
    ],
    [
      'a reason in every frame',
      o({ content: TEXT.slice(0, 9) }, 'stop') + o({ content: TEXT.slice(9) }, 'stop') + DONE,
    ],
    ['no reason, but [DONE]', o({ content: TEXT }) + DONE],
    ['a reason with another name', o({ content: TEXT }) + o({}, 'end_turn') + DONE],
    ['keep-alives as data', `data: ping\n\ndata:\n\nevent: ping\ndata: {}\n\n: hi\n\n${o({ content: TEXT })}${STOP}`],
    ['no last line end', `${o({ content: TEXT })}${o({}, 'stop').trimEnd()}`],
    [
      'no space after the colon, CR LF',
      (o({ content: TEXT }) + STOP).replaceAll('data: ', 'data:').replaceAll('\n', '\r\n'),
    ],
    ['a byte order mark', `\ufeff${o({ content: TEXT })}${STOP}`],
    [
      'one JSON document',
      JSON.stringify({ choices: [{ message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }] }),
    ],
    [
      'one JSON document, in many lines and without a reason',
      JSON.stringify({ choices: [{ message: { content: TEXT } }] }, null, 2),
    ],
    [
      'one JSON document in each line',
      `${JSON.stringify({ choices: [{ delta: { content: TEXT } }] })}\n${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n`,
    ],
    [
      'Ollama’s own form',
      `${JSON.stringify({ message: { role: 'assistant', content: TEXT }, done: false })}\n${JSON.stringify({ message: { content: '' }, done: true, done_reason: 'stop' })}\n`,
    ],
    ['content in parts', o({ content: [{ type: 'text', text: TEXT }] }) + STOP],
    ['a list around each frame', ev([{ choices: [{ delta: { content: TEXT } }] }]) + STOP],
    [
      'the whole message again at the end',
      o({ content: TEXT }) + ev({ choices: [{ index: 0, message: { content: TEXT }, finish_reason: 'stop' }] }) + DONE,
    ],
    ['an error after the last word', o({ content: TEXT }) + o({}, 'stop') + ev({ error: 'shutting down' })],
    ['a control token of the model at the end', o({ content: `${TEXT}<|im_` }) + o({ content: 'end|>' }) + STOP],
    ['an empty thought', o({ content: `<think>\n\n</think>\n\n${TEXT}` }) + STOP],
  ])('with %s', async (_what, body) => {
    expect(await ask(body)).toMatchObject({ text: TEXT, code: null });
  });

  test.each<[string, string]>([
    [
      'missing ids',
      o({ tool_calls: [call('{"place":"Oslo"}')] }) +
        o({ tool_calls: [call('{"place":"Lima"}')] }, 'tool_calls') +
        DONE,
    ],
    [
      'the same id twice',
      o({ tool_calls: [call('{"place":"Oslo"}', { id: 'c' })] }) +
        o({ tool_calls: [call('{"place":"Lima"}', { id: 'c' })] }, 'stop') +
        DONE,
    ],
    [
      'arguments as objects, and no reason',
      o({ tool_calls: [call({ place: 'Oslo' }, { id: 1 }), call({ place: 'Lima' }, { id: 2, index: 1 })] }) + DONE,
    ],
    [
      'a call in pieces that is then sent again as a whole',
      o({ tool_calls: [call('{"place":', { id: 'a' })] }) +
        o({ tool_calls: [{ index: 0 }, { index: 0, function: { arguments: '"Oslo"}' } }] }) +
        o({ tool_calls: [call('{"place":"Oslo"}', { id: 'a' })] }) +
        o({ tool_calls: [call('{"place":"Lima"}', { id: 'b', index: 1 })] }, 'tool_calls') +
        DONE,
    ],
    [
      'control tokens in the name',
      o(
        {
          tool_calls: [
            call('{"place":"Oslo"}', { id: 'a' }),
            {
              index: 1,
              id: 'b',
              function: { name: 'functions.current_time<|channel|>x', arguments: '{"place":"Lima"}' },
            },
          ],
        },
        'tool_calls',
      ) + DONE,
    ],
  ])('with tool calls, each of which runs once: %s', async (_what, body) => {
    const { text, message, code } = await ask(body);
    expect({ text, code }).toEqual({ text: TEXT, code: null });
    const calls = message.parts.filter(({ type }) => type === 'tool-current_time');
    expect(calls).toMatchObject([
      { state: 'output-available', input: { place: 'Oslo' } },
      { state: 'output-available', input: { place: 'Lima' } },
    ]);
  });

  test.each<[string, string]>([
    ['a field', o({ thinking: 'Hm.' }) + o({ content: TEXT }) + STOP],
    ['two fields', o({ reasoning: 'Hm.', reasoning_content: 'Hm.' }) + o({ content: TEXT }) + STOP],
    [
      'a list of details',
      o({ reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }] }) + o({ content: TEXT }) + STOP,
    ],
    ['tags', o({ content: `<think>Hm.</think>${TEXT}` }) + STOP],
    [
      'tags that are divided among several deltas',
      ['<th', 'ink>', 'Hm', '.', '</thi', 'nk>\n\n', TEXT].map((content) => o({ content })).join('') + STOP,
    ],
    ['other tags', o({ content: `[THINK]Hm.[/THINK]${TEXT}` }) + STOP],
    ['text that has only a closing tag', o({ content: `Hm.\n</think>\n\n${TEXT}` }) + STOP],
  ])('with thoughts, which become reasoning: in %s', async (_what, body) => {
    const { text, message } = await ask(body);
    expect(text).toBe(TEXT);
    expect(message.parts.find(({ type }) => type === 'reasoning')).toMatchObject({ text: 'Hm.', state: 'done' });
  });

  test('if Gemini sends it in odd frames, and the thought signature of its tool call is sent back with the tool’s result', async () => {
    const odd =
      ev({ candidates: null }) + g([], 'STOP') + ev([{ candidates: [{ content: { parts: { text: 'So: ' } } }] }]);
    const asked =
      odd +
      g(
        [{ function_call: { name: 'default_api:current_time', args: '{"place":"Oslo"}' }, thought_signature: 'c2ln' }],
        'STOP',
      );
    const { text, message, code } = await ask(asked, { protocol: 'gemini' });
    expect({ text, code }).toEqual({ text: `So: ${TEXT}`, code: null });
    expect(message.parts).toContainEqual(
      expect.objectContaining({
        type: 'tool-current_time',
        callProviderMetadata: { google: { thoughtSignature: 'c2ln' } },
      }),
    );
    expect(JSON.stringify(server.requests.at(-1))).toContain('"thoughtSignature":"c2ln"');
  });
});

describe('a failure in any form, as real servers send it, gets the right code', () => {
  const json = { 'content-type': 'application/json' };
  test.each<[string, string, { status?: number; headers?: Record<string, string>; protocol?: string }, string]>([
    ['an unknown reason', o({ content: 'Half' }) + o({}, 'gave_up') + DONE, {}, 'answer_cut'],
    [
      'an error that is only a text',
      o({ content: 'Half' }) + ev({ error: 'llama runner process has terminated' }),
      {},
      'provider_failed',
    ],
    [
      'a nested error',
      ev({ type: 'error', error: { type: 'overloaded_error', message: 'x' } }),
      {},
      'provider_overloaded',
    ],
    [
      'a bare line of JSON',
      `${o({ content: 'Half' })}{"error":{"message":"CUDA out of memory"}}\n\n`,
      {},
      'provider_failed',
    ],
    [
      'vLLM’s error',
      JSON.stringify({
        object: 'error',
        message: "This model's maximum context length is 4096 tokens.",
        type: 'BadRequestError',
        code: 400,
      }),
      { status: 400, headers: json },
      'conversation_too_long',
    ],
    [
      'llama.cpp’s error',
      JSON.stringify({
        error: { code: 500, message: 'the request exceeds the available context size', type: 'server_error' },
      }),
      { status: 500, headers: json },
      'conversation_too_long',
    ],
    [
      'TGI’s error',
      JSON.stringify({ error: 'Input validation error: too many input tokens', error_type: 'validation' }),
      { status: 422, headers: json },
      'conversation_too_long',
    ],
    [
      'a missing model',
      JSON.stringify({ error: { message: 'model "x" not found, try pulling it first' } }),
      { status: 404, headers: json },
      'model_missing',
    ],
    ['an unknown path', '404 page not found', { status: 404 }, 'not_a_model_server'],
    ['FastAPI’s 404', '{"detail":"Not Found"}', { status: 404, headers: json }, 'not_a_model_server'],
    [
      'an HTML page',
      '<!doctype html><title>Sign in</title>',
      { headers: { 'content-type': 'text/html' } },
      'not_a_model_server',
    ],
    ['an empty body', '', {}, 'not_a_model_server'],
    ['other JSON', '{"status":"ok"}', { headers: json }, 'not_a_model_server'],
    ['a redirect', '', { status: 302, headers: { location: '/login' } }, 'not_a_model_server'],
    [
      'a model that is still loading',
      JSON.stringify({ error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }),
      { status: 503, headers: json },
      'provider_overloaded',
    ],
    [
      'an account without credit',
      JSON.stringify({ error: { message: 'Insufficient Balance', code: 'invalid_request_error' } }),
      { status: 402, headers: json },
      'quota_used_up',
    ],
    [
      'Azure’s filter',
      JSON.stringify({
        error: { code: 'content_filter', message: 'x', innererror: { code: 'ResponsibleAIPolicyViolation' } },
      }),
      { status: 400, headers: json },
      'content_refused',
    ],
    [
      'a refused key, in a list of errors',
      JSON.stringify([{ error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }]),
      { status: 400, headers: json, protocol: 'gemini' },
      'key_refused',
    ],
    [
      'a country that is not served',
      JSON.stringify({
        error: { code: 400, status: 'FAILED_PRECONDITION', message: 'User location is not supported' },
      }),
      { status: 400, headers: json, protocol: 'gemini' },
      'account_refused',
    ],
    [
      'a limit used up by thinking',
      g([{ text: 'Hm.', thought: true }]) + g([], 'MAX_TOKENS'),
      { protocol: 'gemini' },
      'thinking_limit',
    ],
    ['a recitation', g([{ text: 'Call me' }]) + g([], 'RECITATION'), { protocol: 'gemini' }, 'content_refused'],
    ['an encoding that was not asked for', 'x', { headers: { 'content-encoding': 'br' } }, 'not_understood'],
    ['thoughts that never end', o({ content: '<think>Hm.' }) + STOP, {}, 'empty_answer'],
    [
      'a frame that is not JSON',
      `data: {"choices":[{"delta":{"content":"He\n\n${o({ content: 'y' })}${STOP}`,
      {},
      'not_understood',
    ],
  ])('(%s)', async (_what, body, { protocol, ...reply }, code) => {
    expect(await ask(body, { ...reply, protocol })).toMatchObject({ code });
  });
});
