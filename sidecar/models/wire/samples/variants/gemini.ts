import {
  askedFor,
  ev,
  failed,
  g,
  G_BOTH,
  gemini,
  gSay,
  HALF,
  json,
  REST_OF_TEXT,
  TEXT,
  whole,
  type Sample,
} from '../sample.ts';
import type { StreamErrorCode } from '../../../../../shared/stream/stream-errors.ts';

const STOP = g([], 'STOP');
const call = (place: string, more: object = {}): object => ({
  functionCall: { name: 'current_time', args: { place } },
  ...more,
});
const oslo = { ...whole, tools: askedFor('Oslo') };

const reasons: readonly [StreamErrorCode, ...string[]][] = [
  [
    'content_refused',
    'SAFETY',
    'safety',
    'BLOCKLIST',
    'PROHIBITED_CONTENT',
    'SPII',
    'LANGUAGE',
    'MODEL_ARMOR',
    'IMAGE_RECITATION',
  ],
  ['answer_cut', 'OTHER', 'NO_IMAGE', 'SOMETHING_NEW'],
  ['tool_call_failed', 'MALFORMED_FUNCTION_CALL', 'TOO_MANY_TOOL_CALLS', 'MISSING_THOUGHT_SIGNATURE'],
  ['provider_failed', 'MALFORMED_RESPONSE'],
];

const failures: readonly [name: string, frame: string, code: StreamErrorCode][] = [
  [
    'a rate limit',
    ev({ error: { code: 429, message: 'Resource exhausted', status: 'RESOURCE_EXHAUSTED' } }),
    'provider_rate_limited',
  ],
  ['a refused key', ev([{ error: { code: 401, message: 'x', status: 'UNAUTHENTICATED' } }]), 'key_refused'],
  ['an expired deadline', ev({ error: { code: 504, message: 'x', status: 'DEADLINE_EXCEEDED' } }), 'provider_failed'],
  ['a cancelled call', ev({ error: { code: 499, message: 'x', status: 'CANCELLED' } }), 'provider_failed'],
  ['a status without a number', ev({ error: { message: 'x', status: 'UNAVAILABLE' } }), 'provider_overloaded'],
  ['an error that is only a text', ev({ error: 'upstream closed' }), 'provider_failed'],
  [
    'JSON without an event',
    `${JSON.stringify({ error: { code: 500, message: 'x', status: 'INTERNAL' } }, null, 2)}\n`,
    'provider_failed',
  ],
  ['a blocked prompt', ev({ promptFeedback: { blockReason: 'SAFETY' } }), 'content_refused'],
];

export const MORE_GEMINI: readonly Sample[] = [
  ...reasons.flatMap(([code, ...all]) =>
    all.map((reason) => gemini(`${reason} is the reason`, gSay(HALF) + g([], reason), failed(code, HALF))),
  ),
  ...failures.map(([name, frame, code]) =>
    gemini(`a failure in the middle: ${name}`, gSay(HALF) + frame, failed(code, HALF)),
  ),
  ...failures.map(([name, frame, code]) =>
    gemini(`a failure, then a reason: ${name}`, gSay(HALF) + frame + STOP, failed(code, HALF)),
  ),
  gemini('a limit, with words before it', G_BOTH + g([], 'MAX_TOKENS'), { ...whole, isCutOff: true }),
  gemini('a limit in small letters', G_BOTH + g([], 'max_tokens'), { ...whole, isCutOff: true }),
  gemini('a refusal without a word', g(undefined, 'SAFETY', {}), failed('content_refused')),
  gemini('a reason that is a number', G_BOTH + ev({ candidates: [{ finishReason: 1 }] }) + STOP, whole),
  gemini(
    'fields that are null',
    ev({
      candidates: [
        {
          content: { parts: [{ text: TEXT, thought: null, thoughtSignature: null }], role: null },
          safetyRatings: null,
          citationMetadata: null,
          groundingMetadata: null,
          tokenCount: null,
          index: null,
          finishReason: null,
        },
      ],
      usageMetadata: null,
      modelVersion: null,
      promptFeedback: null,
    }) + STOP,
    whole,
  ),
  gemini(
    'fields of other types',
    ev({
      candidates: [
        {
          content: { parts: [{ text: TEXT }], role: 7 },
          safetyRatings: {},
          citationMetadata: 'x',
          groundingMetadata: [],
          avgLogprobs: 'NaN',
          index: '0',
        },
      ],
      usageMetadata: 'none',
      responseId: 7,
    }) + STOP,
    whole,
  ),
  gemini(
    'a number that is not JSON (NaN)',
    ev({ candidates: [{ content: { parts: [{ text: TEXT }] }, avgLogprobs: 0.5 }] }).replace('0.5', 'NaN') + STOP,
    whole,
  ),
  gemini(
    'a second candidate',
    ev({
      candidates: [
        { index: 0, content: { parts: [{ text: TEXT }] } },
        { index: 1, content: { parts: [{ text: 'Another.' }] }, finishReason: 'STOP' },
      ],
    }) + STOP,
    whole,
  ),
  gemini(
    'a second candidate in a frame of its own',
    gSay(HALF) +
      ev({ candidates: [{ index: 1, content: { parts: [{ text: 'Another.' }] } }] }) +
      gSay(REST_OF_TEXT) +
      STOP,
    whole,
  ),
  gemini(
    'a second candidate that ends, and a first one that is cut',
    gSay(HALF) + ev({ candidates: [{ index: 1, content: { parts: [] }, finishReason: 'STOP' }] }),
    failed('connection_lost', HALF),
  ),
  gemini(
    'candidates in another order',
    ev({ candidates: [{ index: 1, content: { parts: [{ text: 'B' }] } }, { content: { parts: [{ text: TEXT }] } }] }) +
      STOP,
    whole,
  ),
  gemini(
    'a picture that is a thought',
    g([{ inlineData: { mimeType: 'image/png', data: 'AAAA' }, thought: true }]) + STOP,
    failed('empty_answer'),
  ),
  gemini(
    'a reason that is an object',
    gSay(HALF) + ev({ candidates: [{ finishReason: { reason: 'SAFETY' } }] }) + 'data: [DONE]\n\n',
    failed('content_refused', HALF),
  ),
  gemini('a reason beside the candidates', G_BOTH + ev({ finishReason: 'STOP' }), whole),
  gemini(
    'parts that are pictures and files',
    g([
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { fileData: { fileUri: 'x' } },
      { videoMetadata: {} },
    ]) +
      G_BOTH +
      STOP,
    whole,
  ),
  gemini('a part with a text and a call', g([{ text: HALF, ...call('Oslo') }], 'STOP'), {
    ...oslo,
    text: `${HALF}${TEXT}`,
  }),
  gemini('a thought that is a call', g([{ thought: true, ...call('Oslo'), thoughtSignature: 'c2ln' }], 'STOP'), oslo),
  gemini(
    'a call with an id',
    g([{ functionCall: { id: 'x', name: 'current_time', args: { place: 'Oslo' } } }], 'STOP'),
    oslo,
  ),
  gemini('two calls in two frames', g([call('Oslo', { thoughtSignature: 'c2ln' })]) + g([call('Lima')], 'STOP'), {
    ...whole,
    tools: askedFor('Oslo', 'Lima'),
  }),
  gemini('a call, then words, then the reason', g([call('Oslo')]) + gSay(HALF) + STOP, {
    ...oslo,
    text: `${HALF}${TEXT}`,
  }),
  gemini('a call, then the limit', g([call('Oslo')]) + g([], 'MAX_TOKENS'), failed('tool_call_failed')),
  gemini('a call, then a filter', g([call('Oslo')]) + g([], 'SAFETY'), failed('content_refused')),
  gemini(
    'a malformed call after words',
    gSay(HALF) + g([], 'MALFORMED_FUNCTION_CALL'),
    failed('tool_call_failed', HALF),
  ),
  gemini('thoughts alone', g([{ text: 'Hm.', thought: true }], 'STOP'), {
    ...failed('empty_answer'),
    reasoning: 'Hm.',
  }),
  gemini('thoughts in tags', gSay('<think>Hm.</think>') + G_BOTH + STOP, { ...whole, reasoning: 'Hm.' }),
  gemini('words, thoughts, words', gSay(HALF) + g([{ text: 'Hm.', thought: true }]) + gSay(REST_OF_TEXT, 'STOP'), {
    ...whole,
    reasoning: 'Hm.',
  }),
  gemini(
    'a JSON list that ends with usage',
    `[${JSON.stringify({ candidates: [{ content: { parts: [{ text: TEXT }] }, finishReason: 'STOP' }] })}\n,\n${JSON.stringify({ usageMetadata: {} })}]`,
    whole,
    { headers: json },
  ),
  gemini(
    'a list of JSON with an error at the end',
    `[${JSON.stringify({ candidates: [{ content: { parts: [{ text: HALF }] } }] })},\n${JSON.stringify({ error: { code: 503, message: 'x', status: 'UNAVAILABLE' } })}]`,
    failed('provider_overloaded', HALF),
    { headers: json },
  ),
  gemini(
    'CR LF, and an event at the end without an empty line',
    (G_BOTH + STOP).replaceAll('\n', '\r\n').trimEnd(),
    whole,
  ),
  gemini('[DONE] before the reason', `${G_BOTH}data: [DONE]\n\n${STOP}`, whole),
  gemini('the connection breaks after the reason', G_BOTH + STOP, whole, { end: 'reset' }),
  gemini(
    'the connection breaks, and every frame has a reason',
    gSay(HALF, 'STOP') + gSay('fish', 'STOP'),
    failed('connection_lost', `${HALF}fish`),
    { end: 'reset' },
  ),
  ...(
    [
      [1, { text: TEXT, code: null }],
      [2, { text: TEXT, code: null, isCutOff: true }],
      [3, failed('content_refused', TEXT)],
      [5, failed('answer_cut', TEXT)],
      [0, failed('connection_lost', TEXT)],
    ] as const
  ).map(([finishReason, expected]) =>
    gemini(`the reason as the number ${finishReason}`, G_BOTH + ev({ candidates: [{ finishReason }] }), expected),
  ),
  gemini('a refusal as a number', ev({ promptFeedback: { blockReason: 1 } }), failed('content_refused')),
  gemini(
    'two candidates with index 0',
    ev({
      candidates: [
        { index: 0, content: { parts: [{ text: HALF }] } },
        { index: 0, content: { parts: [{ text: REST_OF_TEXT }] }, finishReason: 'STOP' },
      ],
    }),
    whole,
  ),
  gemini(
    'the connection breaks in the text after a call',
    g([{ functionCall: { name: 'current_time', args: { place: 'Oslo' } } }]) + gSay(HALF),
    failed('connection_lost', HALF),
    { end: 'reset' },
  ),
];
