import {
  BOTH,
  DONE,
  ev,
  failed,
  gemini,
  gSay,
  g,
  HALF,
  o,
  openai,
  REST_OF_TEXT,
  say,
  STOP,
  TEXT,
  whole,
  type Sample,
} from '../sample.ts';
import type { StreamErrorCode } from '../../../../../shared/stream/stream-errors.ts';

const named = (event: string, data: string): string => `event: ${event}\ndata: ${data}\n\n`;

/** Frames that report a failure in unusual forms. */
const failures: readonly [name: string, frame: string, code: StreamErrorCode][] = [
  ['an exception_type', ev({ exception_type: 'ValueError', exception_message: 'x' }), 'provider_failed'],
  ['a traceback', ev({ traceback: 'Traceback (most recent call last)' }), 'provider_failed'],
  ['a status in a choice', ev({ choices: [{ delta: {}, status: 'error' }] }), 'provider_failed'],
  ['an error_code in a choice', ev({ choices: [{ delta: {}, error_code: 5, error_message: 'x' }] }), 'provider_failed'],
  [
    'a text and an error_code (FastChat)',
    ev({ text: '**NETWORK ERROR DUE TO HIGH TRAFFIC.**', error_code: 50002 }),
    'provider_failed',
  ],
  ['names in capitals (AWS)', ev({ Code: 'InternalError', Message: 'Internal error' }), 'provider_failed'],
  [
    'an exception as the name of a field (Bedrock)',
    ev({ internalServerException: { message: 'x' } }),
    'provider_failed',
  ],
  ['another exception (Bedrock)', ev({ modelStreamErrorException: { originalStatusCode: 500 } }), 'provider_failed'],
  [
    'a rate limit as the name of a field (Bedrock)',
    ev({ throttlingException: { message: 'x' } }),
    'provider_rate_limited',
  ],
  [
    'overload as the name of a field (Bedrock)',
    ev({ serviceUnavailableException: { message: 'x' } }),
    'provider_overloaded',
  ],
  ['errCode and errMsg', ev({ errCode: 500, errMsg: 'x' }), 'provider_failed'],
  ['err_code and err_msg', ev({ err_code: 'SYSTEM', err_msg: 'x' }), 'provider_failed'],
  ['errorCode and errorMsg', ev({ errorCode: '500', errorMsg: 'x' }), 'provider_failed'],
  ['errno', ev({ errno: -1 }), 'provider_failed'],
  ['error_type and error_message', ev({ error_type: 'generation', error_message: 'x' }), 'provider_failed'],
  ['a header with a code (iFlytek)', ev({ header: { code: 10013, message: 'x', status: 2 } }), 'provider_failed'],
  ['problem+json', ev({ type: 'about:blank', title: 'Internal Server Error', status: 500 }), 'provider_failed'],
  ['a negative code', ev({ code: -1, msg: 'system busy' }), 'provider_failed'],
  ['a code of gRPC', ev({ code: 13, message: 'Internal', details: [] }), 'provider_failed'],
  ['a status alone', ev({ id: 'x', status: 'failed' }), 'provider_failed'],
  ['a status of 500 alone', ev({ status: 500 }), 'provider_failed'],
  ['response.failed', ev({ type: 'response.failed', response: { id: 'x', status: 'failed' } }), 'provider_failed'],
  ['success as the word false', ev({ success: 'false', msg: 'x' }), 'provider_failed'],
  ['ok: false', ev({ ok: false, message: 'x' }), 'provider_failed'],
  ['the type exception', ev({ type: 'exception', message: 'x' }), 'provider_failed'],
  ['the type ERROR', ev({ type: 'ERROR' }), 'provider_failed'],
  ['the object Error', ev({ object: 'Error', message: 'x' }), 'provider_failed'],
  ['an event inside of JSON', ev({ event: 'error', data: 'worker died' }), 'provider_failed'],
  ['an error that is a number', ev({ error: 500, message: 'x' }), 'provider_failed'],
  ['a list of texts', ev({ errors: ['worker died'] }), 'provider_failed'],
  [
    'an error beside a choice without content',
    o({ content: '' }, null, { code: 500, message: 'x' }),
    'provider_failed',
  ],
  ['an unknown parameter (DashScope)', ev({ code: 'InvalidParameter', message: 'x' }), 'request_refused'],
  [
    'codes of HTTP and gRPC',
    ev({ error: { grpc_code: 14, http_code: 503, message: 'unavailable' } }),
    'provider_overloaded',
  ],
  ...['stream_error', 'response.error', 'failed', 'fatal', 'StreamException'].map(
    (event): [string, string, StreamErrorCode] => [
      `an event named ${event}`,
      named(event, '{"message":"x"}'),
      'provider_failed',
    ],
  ),
  ['an event named failed, with text', named('failed', 'worker died'), 'provider_failed'],
  ['an event named error, with null', named('error', 'null'), 'provider_failed'],
  ['an event named error, with a text in JSON', named('error', '"worker died"'), 'provider_failed'],
  ['an event named error, with a list', named('error', '["worker died"]'), 'provider_failed'],
  [
    'an event named error, with JSON in a text',
    named('error', JSON.stringify('{"code":"rate_limit_exceeded"}')),
    'provider_rate_limited',
  ],
];

/** Frames that may report a failure. If only `[DONE]` follows, the answer does not count as complete. */
const unclear: readonly [name: string, frame: string][] = [
  ['a message alone', ev({ message: 'The worker has gone away.' })],
  ['a code FALLBACK', ev({ type: 'router', message: 'switched', code: 'FALLBACK' })],
  ['an unknown type with a message', ev({ type: 'goodbye', message: 'x' })],
  ['a type that says incomplete', ev({ type: 'response.incomplete', response: { status: 'incomplete' } })],
  ['an event that says cancelled', named('cancelled', '{}')],
  ['a status that says aborted', ev({ status: 'aborted' })],
  ['words that are not in a choice', ev({ token: { text: 'fish' }, text: 'fish' })],
  ['an unknown code', ev({ code: 77 })],
  ['a text that is not JSON', 'data: upstream connect error or disconnect/reset before headers\n\n'],
];

/** Frames that say how the work goes. They are no part of the answer, and no failure. */
const harmless: readonly [name: string, frame: string][] = [
  ['the status alive', ev({ status: 'alive', message: 'still working' })],
  ['the status warming_up', ev({ status: 'warming_up', message: 'The model is warming up' })],
  ['the status generating', ev({ status: 'generating', message: '50%' })],
  ['the type status', ev({ type: 'status', status: 'thinking', message: 'Searching the web' })],
  ['the type progress', ev({ type: 'progress', detail: 'loading weights 40%' })],
  ['the type metadata', ev({ type: 'metadata', message: 'x', status: 'started' })],
  ['a code HEARTBEAT', ev({ code: 'HEARTBEAT', message: 'ping' })],
  ['a code OK_200', ev({ code: 'OK_200', message: 'started' })],
  ['a code of success', ev({ code: 10000, message: 'success' })],
  ['an error record of empty fields', ev({ error: { message: '', type: '', param: '', code: null } })],
  ['an error record with only an id', ev({ error: { message: '', code: null, request_id: 'x' } })],
  ['a status that mentions errors', ev({ type: 'status', status: 'Searching for error messages' })],
  ['an event named default', named('default', '{"type":"ping"}')],
  ['an error record of nulls', ev({ error: { code: null, message: null } })],
  ['an error record with the code 0', ev({ error: { code: 0, message: 'success', request_id: 'x' } })],
  ['an error that is None', ev({ error: 'None' })],
  ['an error_code that is zero', ev({ error_code: 0, error_msg: '' })],
  ['a service tier named default', ev({ service_tier: 'default', default: 'x' })],
  ['[PING]', 'data: [PING]\n\n'],
  ['[KEEPALIVE]', 'data: [KEEPALIVE]\n\n'],
  ['[keep alive]', 'data: [keep alive]\n\n'],
  ['<ping>', 'data: <ping>\n\n'],
  ['a text that is not JSON', 'data: processing\n\n'],
];

/** Failures in the frame that also has the reason to finish. */
const atEnd: readonly object[] = [
  { code: 500, message: 'internal error' },
  { error_code: 500, error_msg: 'inner error' },
  { status: 'failed' },
  { success: false, message: 'x' },
  { internalServerException: { message: 'x' } },
];

/** Fields that look like an error and are none. */
const successes: readonly object[] = [
  { error: { code: 0, message: '成功' } },
  { error: { code: 200, message: 'Request successful' } },
  { error: { code: 0, message: 'No errors.' } },
  { error: 'NoError' },
  { errcode: 0, errmsg: '成功' },
  { error_code: 0, error_msg: 'Request succeeded' },
  { code: 10000, msg: '成功' },
  { code: 20000 },
  { trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  { no_error: true },
  { retry_on_error: true },
];

/** Events about a tool, a search or another server. The answer goes on after them. */
const side: readonly string[] = [
  named('search_error', '{"message":"page not reachable"}'),
  named('tool_error', '{"tool":"web","message":"timeout"}'),
  named('failover', '{"provider":"b"}'),
  named('no_error', '{}'),
  ev({ type: 'tool_result', tool: 'web', status: 'error' }),
  ev({ type: 'web_search_call', state: 'failed' }),
  named('search', 'done'),
  named('ping', 'done'),
  named('reasoning', '[DONE]'),
];

/** Ways in which servers say that they stopped the answer, without a reason to finish. */
const stops: readonly string[] = [
  named('timeout', 'x'),
  named('timeout', '[]'),
  named('aborted', 'x'),
  named('cancelled', 'null'),
  ev({ choices: [], usage: { total_tokens: 9 }, message: 'stream aborted by upstream' }),
  'upstream connect error or disconnect/reset before headers\n\n',
  '<html><body>502 Bad Gateway</body></html>\n\n',
  'data: 服务器内部错误\n\n',
  'data: Interner Serverfehler\n\n',
];

/** Frames outside of the protocol: failures in unusual forms, unclear ones, and harmless ones. */
export const NOTICES: readonly Sample[] = [
  ...failures.map(([name, frame, code]) => openai(`a failure: ${name}`, say(HALF) + frame + DONE, failed(code, HALF))),
  ...failures
    .slice(0, 6)
    .map(([name, frame, code]) => gemini(`Gemini, a failure: ${name}`, gSay(HALF) + frame + DONE, failed(code, HALF))),
  ...unclear.map(([name, frame]) =>
    openai(`unclear, then [DONE]: ${name}`, say(HALF) + frame + DONE, failed('answer_cut', HALF)),
  ),
  ...unclear.map(([name, frame]) => openai(`unclear, then a reason: ${name}`, BOTH + frame + STOP, whole)),
  ...unclear.map(([name, frame]) =>
    openai(`unclear, then more words: ${name}`, say(HALF) + frame + say(REST_OF_TEXT) + DONE, whole),
  ),
  ...harmless.flatMap(([name, frame]) => [
    openai(`harmless: ${name}`, frame + say(HALF) + frame + say(REST_OF_TEXT) + frame + STOP, whole),
    openai(`harmless, without a reason: ${name}`, say(HALF) + frame + say(REST_OF_TEXT) + frame + DONE, whole),
    gemini(`Gemini, harmless: ${name}`, frame + gSay(HALF) + frame + gSay(REST_OF_TEXT) + g([], 'STOP'), whole),
  ]),
  openai(
    'an error record of empty fields in every frame',
    [HALF, REST_OF_TEXT]
      .map((content) => o({ content }, null, { error: { message: '', type: '', code: null } }))
      .join('') + STOP,
    whole,
  ),
  ...atEnd.flatMap((more) => {
    const name = `a failure beside the reason: ${JSON.stringify(more)}`;
    return [
      openai(name, say(HALF) + o({}, 'stop', more) + DONE, failed('provider_failed', HALF)),
      gemini(`Gemini, ${name}`, gSay(HALF) + g([], 'STOP', more), failed('provider_failed', HALF)),
    ];
  }),
  openai(
    'an error_code beside the last words and the reason',
    o({ content: HALF }, 'stop', { error_code: 500, error_msg: 'inner error' }) + DONE,
    failed('provider_failed', HALF),
  ),
  openai(
    'an event named error with words and a reason',
    named('error', JSON.stringify({ choices: [{ index: 0, delta: { content: HALF }, finish_reason: 'stop' }] })) + DONE,
    failed('provider_failed', HALF),
  ),
  openai(
    'a code of a failure, then a reason, but no more words',
    say(HALF) + ev({ code: 500, message: 'x' }) + STOP,
    failed('provider_failed', HALF),
  ),
  ...successes.flatMap((more) => {
    const name = `a success in every frame: ${JSON.stringify(more)}`;
    const frames = o({ role: 'assistant', content: '' }, null, more) + o({ content: TEXT }, null, more);
    return [
      openai(name, frames + o({}, 'stop', more) + ev({ choices: [], usage: {}, ...more }) + DONE, whole),
      openai(`${name}, without a reason`, frames + ev({ choices: [], usage: {}, ...more }) + DONE, whole),
      gemini(`Gemini, ${name}`, g([], undefined, more) + g([{ text: TEXT }], 'STOP', more), whole),
    ];
  }),
  ...side.flatMap((frame) => [
    openai(`not of the answer: ${frame}`, frame + say(HALF) + frame + say(REST_OF_TEXT) + frame + STOP, whole),
    openai(`not of the answer, without a reason: ${frame}`, say(HALF) + frame + say(REST_OF_TEXT) + DONE, whole),
  ]),
  openai(
    'a failed search at the end of the answer',
    say(HALF) + named('search_error', '{"message":"x"}') + DONE,
    failed('provider_failed', HALF),
  ),
  ...stops.map((frame) => openai(`stopped: ${frame}`, say(HALF) + frame + DONE, failed('answer_cut', HALF))),
  openai(
    'an error of 3000 levels',
    `${say(HALF)}data: {"error":${'{"a":'.repeat(3000)}"x"${'}'.repeat(3000)}}\n\n${DONE}`,
    failed('provider_failed', HALF),
  ),
  openai('[END] after the reason', `${BOTH}${o({}, 'stop')}data: [END]\n\n`, whole),
  openai('</s> after the reason', `${BOTH}${o({}, 'stop')}data: </s>\n\n${DONE}`, whole),
  openai(
    'an object that was not written as JSON',
    `${say(HALF)}data: [object Object]\n\n${STOP}`,
    failed('not_understood', HALF),
  ),
  openai(
    'a list of JSON that is broken',
    `${say(HALF)}data: [{"choices":[}]\n\n${STOP}`,
    failed('not_understood', HALF),
  ),
  openai(
    'an HTML page in an event',
    `${say(HALF)}data: <html><body>502</body></html>\n\n${STOP}`,
    failed('not_understood', HALF),
  ),
  openai('an unclear message after the reason', BOTH + o({}, 'stop') + ev({ message: 'Bye.' }) + DONE, {
    text: TEXT,
    code: null,
  }),
];
