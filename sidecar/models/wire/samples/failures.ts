import {
  DONE,
  ev,
  failed,
  HALF,
  json,
  o,
  openai,
  say,
  STOP,
  TEXT,
  whole,
  BOTH,
  type Reply,
  type Sample,
} from './sample.ts';
import type { StreamErrorCode } from '../../../../shared/stream-errors.ts';

const refused = (
  name: string,
  status: number,
  body: unknown,
  code: StreamErrorCode,
  headers: Record<string, string> = json,
): Sample => openai(name, typeof body === 'string' ? body : JSON.stringify(body), failed(code), { status, headers });
/** After half the answer. */
const inStream = (name: string, frame: string, code: StreamErrorCode, more: Partial<Reply> = {}): Sample =>
  openai(name, say(HALF) + frame, failed(code, HALF), more);
const atOnce = (name: string, frame: string, code: StreamErrorCode): Sample => openai(name, frame, failed(code));
const html = { 'content-type': 'text/html' };

/** Failures of every form, by their meaning. */
export const FAILURES: readonly Sample[] = [
  inStream(
    'a text in the place of an error',
    ev({ error: 'llama runner process has terminated: signal: killed' }),
    'provider_failed',
  ),
  inStream(
    'an error in an envelope',
    ev({ success: false, error: { code: 'INTERNAL_SERVER_ERROR', status: 500, message: 'x' } }),
    'provider_failed',
  ),
  atOnce(
    'a code in capitals, and the last word after it',
    ev({ error: { message: 'too long', code: 'CONTEXT_LENGTH_EXCEEDED' } }) + DONE,
    'conversation_too_long',
  ),
  atOnce(
    'a quota in the first frame of a 200',
    ev({ error: { message: 'quota', type: 'insufficient_quota', code: 'insufficient_quota' } }),
    'quota_used_up',
  ),
  refused('a sign-in page of a gateway', 200, '<!doctype html><title>Sign in</title>', 'not_a_model_server', html),
  refused(
    'a page that says that it is a stream',
    200,
    '<html><body>502 Bad Gateway</body></html>',
    'not_a_model_server',
    { 'content-type': 'text/event-stream' },
  ),
  refused('an empty body', 200, '', 'not_a_model_server'),
  refused('words that nobody needs', 200, 'Ollama is running', 'not_a_model_server', { 'content-type': 'text/plain' }),
  refused('other JSON', 200, { object: 'list', data: [] }, 'not_a_model_server'),
  refused(
    'an error as JSON with a 200',
    200,
    { error: { message: 'No models loaded.', type: 'invalid_request_error' } },
    'model_missing',
  ),
  refused(
    'an error as a text with a 200',
    200,
    { error: 'model is overloaded', error_type: 'overloaded' },
    'provider_overloaded',
  ),
  inStream('an event named error', 'event: error\ndata: {"message":"CUDA out of memory"}\n\n', 'provider_failed'),
  inStream('an event named error with a text', 'event: error\ndata: upstream connect error\n\n', 'provider_failed'),
  inStream('a line that is no event (Ollama)', '{"error":{"message":"unexpected EOF"}}\n\n', 'provider_failed'),
  inStream(
    'a frame of another object (vLLM)',
    ev({ object: 'error', message: 'EngineDeadError', type: 'InternalServerError', param: null, code: 500 }),
    'provider_failed',
  ),
  inStream(
    'an error in the choice (OpenRouter)',
    ev({
      choices: [
        {
          index: 0,
          delta: { content: '' },
          finish_reason: 'error',
          native_finish_reason: 'error',
          error: { code: 502, message: 'Provider returned error' },
        },
      ],
    }) + DONE,
    'provider_failed',
  ),
  inStream(
    'an error beside the choice (OpenRouter)',
    o({ content: '' }, 'error', {
      error: { code: 429, message: 'Rate limit exceeded', metadata: { provider_name: 'x' } },
    }) + DONE,
    'provider_rate_limited',
  ),
  inStream(
    'an error of a proxy before Anthropic',
    ev({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    'provider_overloaded',
  ),
  inStream(
    'an error in a list (Google behind a proxy)',
    ev([{ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }]),
    'provider_overloaded',
  ),
  inStream('an error with only a number', ev({ error: { code: 500 } }), 'provider_failed'),
  inStream(
    'an error with nothing in it but a message',
    ev({ error: { message: 'Something went wrong' } }),
    'provider_failed',
  ),
  inStream(
    'an error whose code is a text of digits',
    ev({ error: { code: '429', message: 'x' } }),
    'provider_rate_limited',
  ),
  inStream(
    'an error in capitals (LM Studio)',
    ev({ Error: { message: 'Context size has been exceeded.' } }),
    'conversation_too_long',
  ),
  inStream(
    'a text that is no frame, with a reason after it',
    `${ev({ error: { message: 'shutting down' } })}${STOP}`,
    'provider_failed',
  ),
  openai('an error after the end of the answer', BOTH + o({}, 'stop') + ev({ error: 'shutting down' }), whole),
  inStream('a fault of the gateway in the middle, as a page', '<html><title>504</title></html>', 'connection_lost'),
  inStream(
    'a filter in the middle (Azure)',
    ev({ error: { code: 'content_filter', message: 'x', innererror: { code: 'ResponsibleAIPolicyViolation' } } }),
    'content_refused',
  ),
  refused(
    'a wrong key (OpenAI)',
    401,
    { error: { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' } },
    'key_refused',
  ),
  refused('a wrong key (vLLM)', 401, { error: 'Unauthorized' }, 'key_refused'),
  refused(
    'a wrong key (LiteLLM)',
    400,
    {
      error: {
        message: 'Authentication Error, Invalid proxy server token passed',
        type: 'auth_error',
        param: 'None',
        code: '400',
      },
    },
    'key_refused',
  ),
  refused('a wrong key in plain text', 401, 'Unauthorized', 'key_refused', { 'content-type': 'text/plain' }),
  refused(
    'a wrong key with the status of a request (xAI)',
    400,
    {
      code: 'Client specified an invalid argument',
      error: 'Incorrect API key provided: xa***. You can obtain an API key from the console.',
    },
    'key_refused',
  ),
  refused(
    'no credit (DeepSeek)',
    402,
    { error: { message: 'Insufficient Balance', type: 'unknown_error', param: null, code: 'invalid_request_error' } },
    'quota_used_up',
  ),
  refused(
    'no credit (OpenRouter)',
    402,
    { error: { message: 'This request requires more credits, or fewer max_tokens.', code: 402 } },
    'quota_used_up',
  ),
  refused(
    'a budget (LiteLLM)',
    400,
    {
      error: {
        message: 'Budget has been exceeded! Current cost: 1.2, Max budget: 1.0',
        type: 'budget_exceeded',
        param: null,
        code: '400',
      },
    },
    'quota_used_up',
  ),
  refused('too many requests in plain text', 429, 'Too Many Requests', 'provider_rate_limited', {
    'content-type': 'text/plain',
  }),
  refused(
    'a rate (Mistral)',
    429,
    { object: 'error', message: 'Requests rate limit exceeded', type: 'rate_limited', param: null, code: '1300' },
    'provider_rate_limited',
  ),
  refused(
    'capacity (Mistral)',
    429,
    {
      object: 'error',
      message: 'Service tier capacity exceeded for this model.',
      type: 'service_tier_capacity_exceeded',
      param: null,
      code: '3505',
    },
    'provider_overloaded',
  ),
  refused(
    'no quota with a 429 (OpenAI)',
    429,
    {
      error: {
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      },
    },
    'quota_used_up',
  ),
  refused(
    'too long (OpenAI)',
    400,
    {
      error: {
        message: "This model's maximum context length is 128000 tokens.",
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    },
    'conversation_too_long',
  ),
  refused(
    'too long (SGLang)',
    400,
    {
      object: 'error',
      message: "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
      type: 'BadRequest',
      code: 400,
    },
    'conversation_too_long',
  ),
  refused(
    'too long (LM Studio)',
    400,
    {
      error:
        'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens',
    },
    'conversation_too_long',
  ),
  refused(
    'too long (Together)',
    422,
    {
      id: 'x',
      error: {
        message: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000',
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
    },
    'conversation_too_long',
  ),
  refused(
    'too long (Mistral)',
    400,
    {
      object: 'error',
      message: {
        detail: [
          { loc: ['body'], msg: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length' },
        ],
      },
      type: 'invalid_request_error',
    },
    'conversation_too_long',
  ),
  refused(
    'too long (Groq)',
    413,
    {
      error: {
        message: 'Request too large for model on tokens per minute (TPM): Limit 6000, Requested 9000',
        type: 'tokens',
        code: 'rate_limit_exceeded',
      },
    },
    'conversation_too_long',
  ),
  refused(
    'too long for a proxy',
    413,
    '<html><head><title>413 Request Entity Too Large</title></head></html>',
    'conversation_too_long',
    html,
  ),
  refused(
    'a model that is not there (Ollama)',
    404,
    { error: { message: 'model "x" not found, try pulling it first', type: 'api_error', param: null, code: null } },
    'model_missing',
  ),
  refused(
    'a model that is not there (vLLM)',
    404,
    { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', param: null, code: 404 },
    'model_missing',
  ),
  refused(
    'a model that is not there (OpenRouter)',
    400,
    { error: { message: 'x/y is not a valid model ID', code: 400 } },
    'model_missing',
  ),
  refused(
    'a model that is not there (LiteLLM)',
    400,
    {
      error: {
        message:
          '/chat/completions: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.',
        type: 'None',
        param: 'None',
        code: '400',
      },
    },
    'model_missing',
  ),
  refused(
    'a deployment that is not there (Azure)',
    404,
    { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
    'model_missing',
  ),
  refused(
    'a model that is not for this account (Together)',
    400,
    {
      error: {
        message: 'Unable to access non-serverless model x. Please visit to create a dedicated endpoint.',
        type: 'invalid_request_error',
        param: null,
        code: 'model_not_available',
      },
    },
    'model_missing',
  ),
  refused(
    'no server takes it (OpenRouter)',
    404,
    { error: { message: 'No endpoints found matching your data policy.', code: 404 } },
    'model_missing',
  ),
  refused(
    'a model that loads (llama.cpp)',
    503,
    { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
    'provider_overloaded',
  ),
  refused(
    'a model that loads (Hugging Face)',
    503,
    { error: 'Model x is currently loading', estimated_time: 20.5 },
    'provider_overloaded',
  ),
  refused(
    'a gateway that times out, as a page',
    504,
    '<html><head><title>504 Gateway Time-out</title></head></html>',
    'provider_failed',
    html,
  ),
  refused(
    'a gateway whose server is away, as a page',
    502,
    '<html><head><title>502 Bad Gateway</title></head></html>',
    'provider_failed',
    html,
  ),
  refused('a fault of its own, in plain text', 500, 'Internal Server Error', 'provider_failed', {
    'content-type': 'text/plain',
  }),
  refused(
    'moderation (OpenRouter)',
    403,
    {
      error: {
        code: 403,
        message: 'Your chosen model requires moderation and your input was flagged',
        metadata: { reasons: ['x'], flagged_input: 'x' },
      },
    },
    'content_refused',
  ),
  refused(
    'a filter on the prompt (Azure)',
    400,
    {
      error: {
        message: 'The response was filtered',
        type: null,
        param: 'prompt',
        code: 'content_filter',
        status: 400,
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    },
    'content_refused',
  ),
  refused(
    'risk in the content (DeepSeek)',
    400,
    {
      error: {
        message: 'Content Exists Risk',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_request_error',
      },
    },
    'content_refused',
  ),
  refused(
    'a country (OpenAI)',
    403,
    {
      error: {
        code: 'unsupported_country_region_territory',
        message: 'Country, region, or territory not supported',
        param: null,
        type: 'request_forbidden',
      },
    },
    'account_refused',
  ),
  refused(
    'a page that forbids (a firewall)',
    403,
    '<html><title>Attention Required! | Cloudflare</title></html>',
    'not_a_model_server',
    html,
  ),
  refused('a path that is not there, in plain text', 404, '404 page not found', 'not_a_model_server', {
    'content-type': 'text/plain',
  }),
  refused('a path that is not there (FastAPI)', 404, { detail: 'Not Found' }, 'not_a_model_server'),
  refused(
    'a path that is not there (llama.cpp)',
    404,
    { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } },
    'not_a_model_server',
  ),
  refused(
    'a path that is not there (LM Studio, with a 200)',
    200,
    { error: 'Unexpected endpoint or method. (POST /chat/completions)' },
    'not_a_model_server',
  ),
  refused('a method that is not there', 405, { detail: 'Method Not Allowed' }, 'not_a_model_server'),
  refused(
    'another protocol on this port',
    400,
    'Client sent an HTTP request to an HTTPS server.\n',
    'not_a_model_server',
    { 'content-type': 'text/plain' },
  ),
  refused('a redirect to a sign-in page', 302, '', 'not_a_model_server', { location: '/login' }),
  refused(
    'a request that it does not take',
    400,
    {
      error: {
        message: "Unsupported parameter: 'max_tokens'",
        type: 'invalid_request_error',
        code: 'unsupported_parameter',
      },
    },
    'request_refused',
  ),
  refused(
    'a list of what is wrong (FastAPI)',
    422,
    { detail: [{ type: 'missing', loc: ['body', 'model'], msg: 'Field required', input: {} }] },
    'request_refused',
  ),
  openai('a quotation of an error, in the words of an answer', say(TEXT) + o({}, 'stop') + DONE, whole),
];
