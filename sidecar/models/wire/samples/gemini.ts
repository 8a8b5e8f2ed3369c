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
  OSLO,
  REST_OF_TEXT,
  TEXT,
  whole,
  type Sample,
} from './sample.ts';

const USAGE = { usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 9, totalTokenCount: 18 } };
const call = (name = 'current_time', args: unknown = { place: 'Oslo' }): object => ({
  functionCall: { name, args },
  thoughtSignature: 'c2ln',
});
const oslo = { ...whole, tools: askedFor('Oslo') };
const frame = (text: string, finishReason?: string): object => ({
  candidates: [{ content: { parts: [{ text }] }, finishReason }],
});
const STOP = g([], 'STOP');

/** Responses of Gemini, and of other servers that speak its protocol. “Reason” in the names is `finishReason`. */
export const GEMINI: readonly Sample[] = [
  gemini('a reason before the words', g([], 'STOP') + g([], 'STOP') + G_BOTH + STOP, whole),
  gemini(
    'an empty answer',
    ev({ candidates: [{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }], ...USAGE }),
    failed('empty_answer'),
  ),
  gemini(
    'a limit reached while thinking',
    g([{ text: 'I weigh it.', thought: true }]) +
      ev({ candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS' }], ...USAGE }),
    { ...failed('thinking_limit'), reasoning: 'I weigh it.' },
  ),
  gemini('the reason OTHER', gSay(HALF) + g([], 'OTHER'), failed('answer_cut', HALF)),
  gemini('a response that is malformed', gSay(HALF) + g([], 'MALFORMED_RESPONSE'), failed('provider_failed', HALF)),
  gemini(
    'the reason UNEXPECTED_TOOL_CALL without a call',
    gSay(HALF) + g([], 'UNEXPECTED_TOOL_CALL'),
    failed('tool_call_failed', HALF),
  ),
  gemini(
    'a malformed call after a thought',
    g([{ text: 'I look.', thought: true }]) +
      ev({
        candidates: [
          { content: {}, finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed function call: print(x)' },
        ],
      }),
    { ...failed('tool_call_failed'), reasoning: 'I look.' },
  ),
  gemini(
    'an unexpected call whose name has a prefix',
    g([call('default_api:current_time')], 'UNEXPECTED_TOOL_CALL'),
    oslo,
  ),
  gemini('a call with a signature', g([call()], 'STOP'), oslo),
  gemini(
    'a wrong key, in a list of errors',
    JSON.stringify([
      {
        error: {
          code: 400,
          status: 'INVALID_ARGUMENT',
          message: 'API key not valid.',
          details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
        },
      },
    ]),
    failed('key_refused'),
    { status: 400, headers: json },
  ),
  gemini('a recitation, with words before it', gSay(HALF) + g([], 'RECITATION'), failed('content_refused', HALF)),
  gemini(
    'a prompt that is blocked',
    ev({
      promptFeedback: {
        blockReason: 'SAFETY',
        safetyRatings: [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH' }],
      },
      ...USAGE,
    }),
    failed('content_refused'),
  ),
  gemini(
    'a prompt that is blocked, with candidates that are empty',
    ev({ candidates: [], promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }),
    failed('content_refused'),
  ),
  gemini(
    'a prompt that is blocked for the reason OTHER',
    ev({ promptFeedback: { blockReason: 'OTHER' } }),
    failed('content_refused'),
  ),
  gemini(
    'feedback that blocks nothing',
    ev({ promptFeedback: {}, candidates: [{ content: { parts: [{ text: TEXT }] } }] }) + STOP,
    whole,
  ),
  gemini(
    'a prompt with an unspecified block reason',
    ev({ promptFeedback: { blockReason: 'BLOCK_REASON_UNSPECIFIED' } }) + G_BOTH + STOP,
    whole,
  ),
  gemini('candidates that are empty', ev({ candidates: [], ...USAGE }), failed('connection_lost')),
  gemini(
    'candidates that are empty, between the words',
    gSay(HALF) + ev({ candidates: [] }) + gSay(REST_OF_TEXT) + STOP,
    whole,
  ),
  gemini('frames with usage alone', ev(USAGE) + G_BOTH + ev(USAGE) + STOP + ev(USAGE), whole),
  gemini('a reason in a frame without content', G_BOTH + ev({ candidates: [{ finishReason: 'STOP' }] }), whole),
  gemini(
    'a reason in a frame with content that is null',
    G_BOTH + ev({ candidates: [{ content: null, finishReason: 'STOP', index: null }] }),
    whole,
  ),
  gemini('parts that are one object', ev({ candidates: [{ content: { parts: { text: TEXT } } }] }) + STOP, whole),
  gemini('parts that are empty or null', g([{}, null, { text: null }, { text: '' }]) + G_BOTH + STOP, whole),
  gemini('content that is a list of parts', ev({ candidates: [{ content: [{ text: TEXT }] }] }) + STOP, whole),
  gemini('the reason in every frame', gSay(HALF, 'STOP') + gSay(REST_OF_TEXT, 'STOP'), whole),
  gemini(
    'an unspecified reason in every frame',
    gSay(HALF, 'FINISH_REASON_UNSPECIFIED') + gSay(REST_OF_TEXT, 'FINISH_REASON_UNSPECIFIED') + STOP,
    whole,
  ),
  gemini('no reason at all', G_BOTH, failed('connection_lost', TEXT)),
  gemini('no reason, but [DONE] as in OpenAI’s protocol', `${G_BOTH}data: [DONE]\n\n`, whole),
  gemini(
    'a list of JSON in place of events',
    `[${JSON.stringify(frame(HALF))},\r\n${JSON.stringify(frame(REST_OF_TEXT, 'STOP'))}\r\n]`,
    whole,
    { headers: json },
  ),
  gemini(
    'a list of JSON, over many lines',
    JSON.stringify([frame(HALF), frame(REST_OF_TEXT, 'STOP')], null, 2),
    whole,
    { headers: json },
  ),
  gemini(
    'a list of JSON that is cut',
    `[${JSON.stringify(frame(HALF))},\n${JSON.stringify(frame(REST_OF_TEXT)).slice(0, -20)}`,
    failed('connection_lost', HALF),
    { headers: json },
  ),
  gemini(
    'a list of JSON that is cut between its items',
    `[${JSON.stringify(frame(HALF))},\n`,
    failed('connection_lost', HALF),
    { headers: json },
  ),
  gemini('a list of JSON without a reason', `[${JSON.stringify(frame(HALF))}]`, failed('connection_lost', HALF), {
    headers: json,
  }),
  gemini(
    'one JSON document, as without streaming',
    JSON.stringify({ ...frame(TEXT, 'STOP'), ...USAGE }, null, 2),
    whole,
    { headers: json },
  ),
  gemini(
    'fields in snake case',
    ev({
      candidates: [{ content: { parts: [{ text: TEXT }] }, finish_reason: 'STOP' }],
      usage_metadata: { prompt_token_count: 9 },
    }),
    whole,
  ),
  gemini(
    'a field named response around each frame (Code Assist)',
    ev({ response: frame(HALF) }) + ev({ response: frame(REST_OF_TEXT, 'STOP') }),
    whole,
  ),
  gemini('a reason in small letters', G_BOTH + g([], 'stop'), whole),
  gemini(
    'an error in the middle of a 200',
    gSay(HALF) + ev({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }),
    failed('provider_overloaded', HALF),
  ),
  gemini(
    'an error in a list in the middle of a 200',
    gSay(HALF) + ev([{ error: { code: 500, message: 'Internal', status: 'INTERNAL' } }]),
    failed('provider_failed', HALF),
  ),
  gemini(
    'a used-up quota per day',
    JSON.stringify({
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'You exceeded your current quota',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
            violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
          },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '33s' },
        ],
      },
    }),
    failed('quota_used_up'),
    { status: 429, headers: json },
  ),
  gemini(
    'a used-up quota per minute',
    JSON.stringify({
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message:
          'You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 15\nPlease retry in 7.3s.',
        details: [
          { violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }] },
          { retryDelay: '7s' },
        ],
      },
    }),
    failed('provider_rate_limited'),
    { status: 429, headers: json },
  ),
  gemini(
    'a limit of zero per minute',
    JSON.stringify({
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'Quota exceeded for metric: generate_content_free_tier_requests, limit: 0\nPlease retry in 7.3s.',
        details: [{ violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }] }],
      },
    }),
    failed('quota_used_up'),
    { status: 429, headers: json },
  ),
  gemini(
    'an API that is not enabled',
    JSON.stringify({
      error: {
        code: 403,
        status: 'PERMISSION_DENIED',
        message: 'Generative Language API has not been used',
        details: [{ reason: 'SERVICE_DISABLED' }],
      },
    }),
    failed('account_refused'),
    { status: 403, headers: json },
  ),
  gemini(
    'a leaked key',
    JSON.stringify({
      error: {
        code: 403,
        status: 'PERMISSION_DENIED',
        message: 'Your API key was reported as leaked. Please use another API key.',
      },
    }),
    failed('key_refused'),
    { status: 403, headers: json },
  ),
  gemini(
    'a conversation that is too long',
    JSON.stringify({
      error: {
        code: 400,
        status: 'INVALID_ARGUMENT',
        message: 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
      },
    }),
    failed('conversation_too_long'),
    { status: 400, headers: json },
  ),
  gemini(
    'a missing model',
    JSON.stringify({
      error: { code: 404, status: 'NOT_FOUND', message: 'models/x is not found for API version v1beta' },
    }),
    failed('model_missing'),
    { status: 404, headers: json },
  ),
  gemini(
    'an expired deadline',
    JSON.stringify({
      error: { code: 504, status: 'DEADLINE_EXCEEDED', message: 'Deadline expired before operation could complete.' },
    }),
    failed('provider_failed'),
    { status: 504, headers: json },
  ),
  gemini(
    'two calls in one frame, with one signature',
    g([call(), { functionCall: { name: 'current_time', args: { place: 'Lima' } } }], 'STOP'),
    { ...whole, tools: askedFor('Oslo', 'Lima') },
  ),
  gemini('a call whose arguments are a text', g([call('current_time', OSLO)], 'STOP'), oslo),
  gemini('a call without arguments', g([{ functionCall: { name: 'current_time' } }], 'STOP'), {
    ...whole,
    tools: [{ errorText: 'The model gave this tool arguments that it cannot read.' }],
  }),
  gemini('a call, and no reason after it', g([call()]), failed('connection_lost')),
  gemini('thoughts and words in one frame', g([{ text: 'Hm.', thought: true }, { text: TEXT }]) + STOP, {
    ...whole,
    reasoning: 'Hm.',
  }),
  gemini('thoughts whose flag is a text', g([{ text: 'Hm.', thought: 'true' }]) + G_BOTH + STOP, {
    ...whole,
    reasoning: 'Hm.',
  }),
  gemini(
    'a signature in a last part that is empty',
    G_BOTH + g([{ text: '', thoughtSignature: 'c2ln' }], 'STOP'),
    whole,
  ),
  gemini(
    'parts of code that the model ran',
    g([
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
    ]) +
      G_BOTH +
      STOP,
    whole,
  ),
  gemini('a filter on pictures', gSay(HALF) + g([], 'IMAGE_SAFETY'), failed('content_refused', HALF)),
  gemini('a page in place of a stream', '<!doctype html><title>Sign in</title>', failed('not_a_model_server'), {
    headers: { 'content-type': 'text/html' },
  }),
  gemini(
    'an answer in OpenAI’s protocol',
    ev({ choices: [{ index: 0, delta: { content: TEXT }, finish_reason: 'stop' }] }),
    failed('not_a_model_server'),
  ),
];
