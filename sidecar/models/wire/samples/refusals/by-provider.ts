import { html, refused, type Sample } from '../sample.ts';

/** Refusals because of a wrong key, missing credit, a rate limit, missing capacity or a conversation that is too long. */
export const REFUSALS: readonly Sample[] = [
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
    'a wrong key with status 400 (xAI)',
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
    'a used-up budget (LiteLLM)',
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
    'a rate limit (Mistral)',
    429,
    { object: 'error', message: 'Requests rate limit exceeded', type: 'rate_limited', param: null, code: '1300' },
    'provider_rate_limited',
  ),
  refused(
    'no capacity (Mistral)',
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
    'a conversation that is too long (OpenAI)',
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
    'a conversation that is too long (SGLang)',
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
    'a conversation that is too long (LM Studio)',
    400,
    {
      error:
        'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens',
    },
    'conversation_too_long',
  ),
  refused(
    'a conversation that is too long (Together)',
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
    'a conversation that is too long (Mistral)',
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
    'a conversation that is too long (Groq)',
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
    'a request that is too large for a proxy',
    413,
    '<html><head><title>413 Request Entity Too Large</title></head></html>',
    'conversation_too_long',
    html,
  ),
];
