import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask, type RetryWait } from './ask.ts';
import { WireFailure } from './failures/failure.ts';
import type { Reply } from './transport.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => vi.useRealTimers());

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** The body never ends. */
  hangs?: boolean;
}

/** Asks a server that gives these answers one after the other, and runs all timers. */
async function asked(answers: readonly (Answer | Error)[], { maxRetries = 2 } = {}) {
  const waits: RetryWait[] = [];
  let requests = 0;
  let open = 0;
  const post = (): Promise<Reply> => {
    if (open > 0) throw new Error('two requests at once');
    const answer = answers[requests]!;
    requests += 1;
    if (answer instanceof Error) return Promise.reject(answer);
    const { status, headers = {}, body = '{"error":{"message":"x"}}', hangs = false } = answer;
    const stream = new Readable({ read() {} });
    stream.push(body);
    if (!hangs) stream.push(null);
    open += 1;
    stream.on('close', () => (open -= 1));
    return Promise.resolve({ status, headers, body: stream });
  };
  const signal = new AbortController().signal;
  const result = ask(
    { url: 'http://127.0.0.1/', headers: {}, body: '{}', signal },
    { post, maxRetries, onWait: (wait) => waits.push(wait) },
  ).then(
    ({ status, body }) => {
      body.destroy();
      return { status };
    },
    (error: unknown) => (error instanceof WireFailure ? error.failure : { error }),
  );
  await vi.runAllTimersAsync();
  return { result: await result, waits, requests };
}

const OK: Answer = { status: 200 };

test('a reply that is not HTTP comes from another kind of server', async () => {
  const error = new TypeError('fetch failed', {
    cause: Object.assign(new Error('Response does not match'), { name: 'HTTPParserError' }),
  });
  const { result } = await asked([error], { maxRetries: 0 });
  expect(result).toMatchObject({ code: 'not_a_model_server' });
});

describe('a failed request', () => {
  test('is sent again at the time that the server names, if that time is soon', async () => {
    const { result, waits, requests } = await asked([{ status: 429, headers: { 'retry-after': '7' } }, OK]);
    expect({ result, waits, requests }).toEqual({
      result: { status: 200 },
      waits: [{ reason: 'rate-limited', ms: 7000 }],
      requests: 2,
    });
  });

  test.each<[form: string, headers: Record<string, string>, body?: string]>([
    ['in seconds', { 'retry-after': '50' }],
    ['as a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:50 GMT' }],
    ['in milliseconds', { 'retry-after-ms': '50000' }],
    ['with a unit', { 'retry-after': '50s' }],
    ['as the seconds since 1970', { 'retry-after': String(Date.UTC(2026, 0, 1, 0, 0, 50) / 1000) }],
    ['as a date in another form', { 'retry-after': '2026-01-01T00:00:50Z' }],
    ['in one header, although another one cannot be read', { 'retry-after': 'soon', 'ratelimit-reset': '50' }],
    [
      'as the reset of a limit (OpenAI)',
      {
        'x-ratelimit-reset-requests': '50s',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-remaining-tokens': '9',
      },
    ],
    [
      'as the reset of a limit, in milliseconds since 1970 (OpenRouter)',
      { 'x-ratelimit-reset': String(Date.UTC(2026, 0, 1, 0, 0, 50)) },
    ],
    [
      'as the reset of a limit, as a date (Anthropic)',
      { 'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:50Z', 'anthropic-ratelimit-tokens-remaining': '0' },
    ],
    ['as the reset of a limit, in a `RateLimit` header', { ratelimit: '"default";r=0;t=50' }],
    ['in a field of the body (Gemini)', {}, '{"error":{"details":[{"retryDelay":"50.000000001s"}]}}'],
    ['as a number in the body', {}, '{"error":{"message":"x"},"retry_after":50}'],
    [
      'in the headers of the server behind a gateway (OpenRouter)',
      {},
      '{"error":{"metadata":{"headers":{"Retry-After":"50"}}}}',
    ],
    ['in a sentence (OpenAI)', {}, '{"error":{"message":"Please try again in 50s. Visit x"}}'],
    ['in a sentence with a fraction (Gemini)', {}, '{"error":{"message":"Please retry in 49.9999s."}}'],
    ['in a sentence with the unit as a word (Azure)', {}, '{"error":{"message":"Please retry after 50 seconds."}}'],
    ['in a sentence with milliseconds', {}, '{"error":{"message":"Please try again in 50000ms."}}'],
    ['in a sentence with two units', {}, '{"error":{"message":"Please try again in 0 minutes and 50 seconds."}}'],
    [
      'in a sentence with two units and no “and”',
      {},
      '{"error":{"message":"Try again in 0 hours 0 minutes, 50 seconds"}}',
    ],
    ['in a sentence about a reset', {}, '{"error":{"message":"Your quota will reset after 50s."}}'],
    ['in a sentence that goes on', {}, '{"error":{"message":"Try again in 50 seconds and 3 tries are left."}}'],
    ['in a sentence in Chinese', {}, '{"error":{"message":"请在 50 秒后重试"}}'],
    ['in a sentence in German', {}, '{"error":{"message":"Bitte versuchen Sie es in 50 Sekunden erneut."}}'],
    ['in a header with what is left', { ratelimit: '"default";r=0;t=50' }],
    ['in a header that was sent twice', { 'retry-after': '5, 50' }],
    ['as the time until a reset', { 'x-ratelimit-reset-after': '50' }],
    ['in a sentence that is the whole body', {}, 'Rate limited. Try again in 0m50s'],
  ])(
    'is not sent again if the wait is too long for a person, and the failure contains the wait, which is given %s',
    async (_form, headers, body) => {
      const { result, waits, requests } = await asked([{ status: 429, headers, ...(body && { body }) }, OK]);
      expect(result).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 50_000 });
      expect({ waits, requests }).toEqual({ waits: [], requests: 1 });
    },
  );

  test.each<[headers: Record<string, string>, message: string]>([
    [{}, 'Our support is available 24 hours a day.'],
    [{}, 'Queue wait 60s exceeded'],
    [{ ratelimit: '"default";r=20;t=3000' }, 'x'],
  ])('is sent again after the usual pause if nothing names a wait: %j %s', async (headers, message) => {
    const { waits } = await asked([{ status: 429, headers, body: JSON.stringify({ error: { message } }) }, OK]);
    expect(waits[0]?.ms).toBe(1000);
  });

  test.each(['', 'soon', '-5', 'NaN', '1e9', '0x10', '-'.repeat(10_000)])(
    'is sent again after a pause if the wait cannot be read: %j',
    async (given) => {
      const { result, waits } = await asked([{ status: 429, headers: { 'retry-after': given } }, OK]);
      expect({ result, waits }).toEqual({ result: { status: 200 }, waits: [{ reason: 'rate-limited', ms: 1000 }] });
    },
  );

  test('is sent again after growing pauses, one request at a time, until its retries are used up', async () => {
    const { result, waits, requests } = await asked([{ status: 503 }, { status: 503 }, { status: 503 }, OK]);
    expect(result).toMatchObject({ code: 'provider_overloaded', status: 503 });
    expect(waits.map(({ ms }) => ms)).toEqual([1000, 2000]);
    expect(requests).toBe(3);
  });

  test('is sent only once if the body of the refusal never ends', async () => {
    const { result, requests } = await asked([{ status: 429, body: '{"error":{"message":"slow', hangs: true }, OK]);
    expect(result).toMatchObject({ code: 'provider_rate_limited', isHanging: true });
    expect(requests).toBe(1);
  });

  test.each([
    ['a wrong key', 401],
    ['a conversation that is too long', 413],
    ['a missing model', 404],
    ['a request that the server does not accept', 400],
  ])('is sent only once if the cause is %s', async (_what, status) => {
    const { requests } = await asked([{ status }, OK]);
    expect(requests).toBe(1);
  });

  test('is sent again if the connection was lost before a response came', async () => {
    const lost = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
    const { result, waits } = await asked([lost, OK]);
    expect(result).toEqual({ status: 200 });
    expect(waits).toEqual([{ reason: 'failed', ms: 1000 }]);
  });
});
