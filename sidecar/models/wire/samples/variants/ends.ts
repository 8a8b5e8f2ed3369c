import {
  BOTH,
  DONE,
  ev,
  failed,
  HALF,
  json,
  o,
  openai,
  REST_OF_TEXT,
  say,
  STOP,
  TEXT,
  whole,
  type Expected,
  type Sample,
} from '../sample.ts';
import type { StreamErrorCode } from '../../../../../shared/stream/stream-errors.ts';

const USAGE = ev({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 9 } });
const cutOff: Expected = { ...whole, isCutOff: true };

/**
 * Reasons to finish after the whole text, grouped by the expected outcome. `null`: success. `length`: the answer ended at the model's
 * length limit. Anything else: the code of a failure.
 */
const reasons: readonly [code: StreamErrorCode | null | 'length', ...string[]][] = [
  [null, 'STOP', 'Stop', 'eos', 'EOS_TOKEN', 'end_turn', 'endTurn', 'stop-sequence', 'COMPLETE', 'stop '],
  ['length', 'LENGTH', 'MAX_TOKENS', 'maxTokens', 'max_output_tokens', 'model_length', 'model_context_window_exceeded'],
  [
    'content_refused',
    'CONTENT_FILTER',
    'contentFilter',
    'SAFETY',
    'sensitive',
    'content-filter',
    'refusal',
    'ERROR_TOXIC',
  ],
  ['provider_failed', 'ERROR', 'server_error', 'network_error'],
  ['provider_overloaded', 'insufficient_system_resource', 'INSUFFICIENT_SYSTEM_RESOURCE'],
  ['answer_cut', 'abort', 'USER_CANCEL', 'ERROR_LIMIT', 'OTHER', 'preempted', '<|im_end|>', '42', 'x'.repeat(100_000)],
];

/** Frames that report a failure. In each sample, the server ends the answer after the frame as if nothing had happened. */
const failures: readonly [name: string, frame: string, code: StreamErrorCode][] = [
  [
    'a line that begins with error: (llama.cpp)',
    `error: ${JSON.stringify({ code: 500, message: 'x', type: 'server_error' })}\n\n`,
    'provider_failed',
  ],
  ['a code and a text (gateways)', ev({ code: 500, msg: 'internal error' }), 'provider_failed'],
  ['a status and a message (Azure)', ev({ statusCode: 500, message: 'Internal server error' }), 'provider_failed'],
  ['a detail (FastAPI)', ev({ detail: 'Internal Server Error' }), 'provider_failed'],
  [
    'a list of errors (Cloudflare)',
    ev({ success: false, errors: [{ code: 8001, message: 'x' }], result: null }),
    'provider_failed',
  ],
  ['an error_code (Baidu)', ev({ error_code: 336000, error_msg: 'Internal error' }), 'provider_failed'],
  [
    'a base_resp (MiniMax)',
    ev({ choices: null, base_resp: { status_code: 1000, status_msg: 'unknown error' } }),
    'provider_failed',
  ],
  ['a fault (Apigee)', ev({ fault: { faultstring: 'x', detail: { errorcode: 'y' } } }), 'provider_failed'],
  ['an error field that is true', ev({ error: true, message: 'Something broke' }), 'provider_failed'],
  [
    'an error in the field response (Responses API)',
    ev({ type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'x' } } }),
    'provider_failed',
  ],
  [
    'an error_type (TGI)',
    ev({ error: 'Request failed during generation: Server error', error_type: 'generation' }),
    'provider_failed',
  ],
  ['an error beside empty choices', ev({ choices: [], error: { code: 502, message: 'x' } }), 'provider_failed'],
  ['an error in the delta', o({ error: { message: 'x', code: 500 } }), 'provider_failed'],
  ['an error in the field data', ev({ data: { error: { message: 'x', code: 500 } } }), 'provider_failed'],
  ['an error encoded twice', ev(JSON.stringify({ error: { message: 'x' } })), 'provider_failed'],
  [
    'an error in JSON in the message of an error',
    ev({ error: { message: JSON.stringify({ error: { type: 'overloaded_error', message: 'Overloaded' } }) } }),
    'provider_overloaded',
  ],
  [
    'a time limit of a proxy',
    ev({ error: { message: 'Upstream idle timeout exceeded', code: 504 } }),
    'provider_failed',
  ],
  [
    'a rate limit',
    ev({ error: { message: 'x', type: 'requests', code: 'rate_limit_exceeded' } }),
    'provider_rate_limited',
  ],
  ['no credit', ev({ error: { message: 'Insufficient credits', code: 402 } }), 'quota_used_up'],
  [
    'a conversation that is too long',
    ev({ error: { message: 'Context size has been exceeded.', code: 400 } }),
    'conversation_too_long',
  ],
  ['a filter', ev({ error: { message: 'x', type: 'content_filter' } }), 'content_refused'],
  [
    'an event named error, with two lines',
    'event: error\ndata: {"error":{"message":"x",\ndata: "code":500}}\n\n',
    'provider_failed',
  ],
  ['an event named error, with an empty record', 'event: error\ndata: {}\n\n', 'provider_failed'],
  ['an event named error, with [DONE]', 'event: error\ndata: [DONE]\n\n', 'provider_failed'],
  ['an event named ERROR', 'event: ERROR\ndata: {"message":"x"}\n\n', 'provider_failed'],
  [
    'an event of Anthropic',
    'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"Internal server error"}}\n\n',
    'provider_failed',
  ],
  ['an event named exception', 'event: exception\ndata: {"message":"x"}\n\n', 'provider_failed'],
  ['a line with [ERROR]', 'data: [ERROR] upstream closed\n\n', 'provider_failed'],
  ['a line with Error:', 'data: Error: socket hang up\n\n', 'provider_failed'],
];

/** More ways in which answers end: with reasons in every spelling, with failures before `[DONE]`, or with `[DONE]` in the wrong place. */
export const MORE_ENDS: readonly Sample[] = [
  ...reasons.flatMap(([code, ...all]) =>
    all.map((reason) =>
      openai(
        `${reason.slice(0, 40)} is the reason`,
        BOTH + o({}, reason) + DONE,
        code === null ? whole : code === 'length' ? cutOff : failed(code, TEXT),
      ),
    ),
  ),
  ...failures.map(([name, frame, code]) =>
    openai(`a failure, then [DONE]: ${name}`, say(HALF) + frame + DONE, failed(code, HALF)),
  ),
  ...failures.map(([name, frame, code]) =>
    openai(`a failure, then a reason: ${name}`, say(HALF) + frame + STOP, failed(code, HALF)),
  ),
  openai(
    'the reason is in every frame, and the second frame is cut',
    say(HALF, 'stop') + say(REST_OF_TEXT, 'stop').slice(0, 150),
    failed('connection_lost', HALF),
  ),
  openai(
    'the reason is in every frame, and the connection breaks in the second frame',
    say(HALF, 'stop') + say(REST_OF_TEXT, 'stop').slice(0, 150),
    failed('connection_lost', HALF),
    { end: 'reset' },
  ),
  openai('the last words and the reason come in one frame, and [DONE] is cut', `${say(TEXT, 'stop')}data: [DO`, whole, {
    end: 'reset',
  }),
  openai(
    'the last reason counts: first length, then stop',
    say(HALF, 'length') + say(REST_OF_TEXT, 'stop') + DONE,
    whole,
  ),
  openai('the last reason counts: first stop, then length', BOTH + o({}, 'stop') + o({}, 'length') + DONE, cutOff),
  openai(
    'the last reason counts: stop, then a filter',
    say(HALF, 'stop') + o({}, 'content_filter') + DONE,
    failed('content_refused', HALF),
  ),
  openai(
    'the last reason counts: stop, then an error',
    say(HALF, 'stop') + o({}, 'error') + DONE,
    failed('provider_failed', HALF),
  ),
  openai('words come after the reason', say(HALF, 'stop') + say(REST_OF_TEXT) + DONE, whole),
  openai('[DONE] comes before the reason', BOTH + DONE + o({}, 'stop'), whole),
  openai(
    'a reason comes in a frame of its own, with usage in it',
    BOTH + ev({ choices: [{ finish_reason: 'stop' }], usage: { prompt_tokens: 9 } }),
    whole,
  ),
  openai('the reason stands outside of the choices', BOTH + ev({ choices: [], finish_reason: 'stop' }), whole),
  openai('the reason is named as in Gemini', BOTH + ev({ choices: [{ delta: {}, finishReason: 'STOP' }] }), whole),
  openai('the reason is in stop_reason alone', BOTH + ev({ choices: [{ delta: {}, stop_reason: 'end_turn' }] }), whole),
  openai(
    'stop_reason is a number, and finish_reason is there, too (vLLM)',
    BOTH + ev({ choices: [{ delta: {}, finish_reason: 'stop', stop_reason: 128009 }] }) + DONE,
    whole,
  ),
  openai(
    'native_finish_reason comes together with finish_reason (OpenRouter)',
    BOTH + ev({ choices: [{ delta: {}, finish_reason: 'stop', native_finish_reason: 'STOP' }] }) + DONE,
    whole,
  ),
  openai(
    'the reason is an object (TGI)',
    BOTH + ev({ choices: [{ delta: {}, finish_reason: { reason: 'stop' } }] }) + DONE,
    whole,
  ),
  openai('the reason is an object, and there is no [DONE]', BOTH + o({}, { type: 'stop', matched: 151645 }), whole),
  openai('the reason is an object with the limit', BOTH + o({}, { type: 'length', length: 16 }) + DONE, cutOff),
  openai(
    'the reason is an object with an abort (SGLang)',
    say(HALF) + o({}, { type: 'abort', message: 'x', status_code: 500 }) + DONE,
    failed('answer_cut', HALF),
  ),
  openai(
    'the reason is an object with an error',
    say(HALF) + o({}, { type: 'error' }) + DONE,
    failed('provider_failed', HALF),
  ),
  openai(
    'the reason is an object of an unknown form',
    say(HALF) + o({}, { why: 'x' }) + DONE,
    failed('answer_cut', HALF),
  ),
  openai('the reason is a list with an error', say(HALF) + o({}, ['error']) + DONE, failed('provider_failed', HALF)),
  openai('the reason is true', say(HALF) + o({}, true) + DONE, failed('answer_cut', HALF)),
  openai(
    'the reason is in finish_details',
    BOTH + ev({ choices: [{ delta: {}, finish_details: { type: 'max_tokens' } }] }) + DONE,
    cutOff,
  ),
  openai(
    'the reason is beside the choices, and it is an error',
    say(HALF) + o({}, null, { finish_reason: 'error' }) + DONE,
    failed('provider_failed', HALF),
  ),
  openai(
    'the reason is beside the choices, and there is no [DONE]',
    BOTH + o({}, null, { finish_reason: 'stop' }),
    whole,
  ),
  openai(
    'the reason is the word null in all frames but one, which is not the last one before the connection breaks',
    say(HALF, 'null') + say(REST_OF_TEXT, 'null') + o({}, 'stop') + o({}, 'null'),
    whole,
    { end: 'reset' },
  ),
  openai('the reason is a list', BOTH + o({}, ['stop']) + DONE, whole),
  openai('[DONE] is a line without a field name', `${BOTH}${o({}, 'stop')}[DONE]\n`, whole),
  openai('[DONE] is a line without a field name, and there is no reason', `${BOTH}[DONE]\n\n`, whole),
  openai('[DONE] has no line end', `${BOTH}data: [DONE]`, whole),
  openai('[DONE] has CR LF', `${BOTH}data: [DONE]\r\n\r\n`, whole),
  openai('[DONE] is in an event with a name', `${BOTH}event: done\ndata: [DONE]\n\n`, whole),
  openai('[DONE] has no brackets', `${BOTH}data: DONE\n\n`, whole),
  openai('[DONE] is cut', `${BOTH}data: [DON`, failed('connection_lost', TEXT)),
  openai('[DONE] comes three times, with usage between', BOTH + STOP + USAGE + DONE + USAGE + DONE, whole),
  openai('[DONE] is only in the text', say('data: [DONE]'), failed('connection_lost', 'data: [DONE]')),
  openai(
    'choices are null, lists, empty objects or texts',
    ev({ choices: [null] }) + ev({ choices: [[]] }) + ev({ choices: [{}] }) + ev({ choices: ['x'] }) + BOTH + STOP,
    whole,
  ),
  openai('choices are empty throughout', ev({ choices: [] }) + ev({ choices: [] }) + DONE, failed('empty_answer')),
  openai('only usage comes', USAGE + DONE, failed('empty_answer')),
  openai(
    'the answer is one JSON document after white space (OpenRouter)',
    `${'\n         \n'.repeat(50)}${JSON.stringify({ choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] })}`,
    whole,
    { headers: json },
  ),
  openai(
    'the answer is one JSON document, and the length limit was reached',
    JSON.stringify({ choices: [{ message: { content: TEXT }, finish_reason: 'length' }] }),
    cutOff,
    { headers: json },
  ),
  openai(
    'the answer is one JSON document, and a filter stopped it',
    JSON.stringify({ choices: [{ message: { content: HALF }, finish_reason: 'content_filter' }] }),
    failed('content_refused', HALF),
    { headers: json },
  ),
  openai(
    'the answer is one JSON document with an error in it',
    JSON.stringify({
      id: 'x',
      choices: [
        { message: { role: 'assistant', content: HALF }, finish_reason: 'error', error: { code: 502, message: 'x' } },
      ],
    }),
    failed('provider_failed', HALF),
    { headers: json },
  ),
  openai(
    'the answer is one JSON document, with no message',
    JSON.stringify({ choices: [{ message: null, finish_reason: 'stop' }] }),
    failed('empty_answer'),
    { headers: json },
  ),
  openai(
    'the answer is one JSON document, with no choices',
    JSON.stringify({ id: 'x', object: 'chat.completion', choices: [] }),
    failed('empty_answer'),
    { headers: json },
  ),
  openai(
    'the answer is a refusal in one JSON document',
    JSON.stringify({ choices: [{ message: { content: null, refusal: TEXT }, finish_reason: 'stop' }] }),
    whole,
    { headers: json },
  ),
  openai('the status is 201', BOTH + STOP, whole, { status: 201 }),
  openai('the status is 203', BOTH + STOP, whole, { status: 203 }),
  openai('the status is 206', BOTH + STOP, whole, { status: 206 }),
  openai(
    'filter results come beside the words (Azure)',
    ev({
      choices: [
        {
          index: 0,
          delta: { content: HALF },
          finish_reason: null,
          content_filter_results: { hate: { filtered: true, severity: 'high' } },
        },
      ],
    }) +
      o({}, 'content_filter') +
      DONE,
    failed('content_refused', HALF),
  ),
];
