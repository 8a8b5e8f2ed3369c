import { html, type Sample } from '../sample.ts';
import { err, google, page, plain, rows } from './row.ts';

/** Rate limits and overload: the same request can succeed later. */
export const LIMITS: readonly Sample[] = [
  ...rows('provider_rate_limited', [
    ['Baidu: queries per second', 200, { error_code: 18, error_msg: 'Open api qps request limit reached' }],
    ['Tencent', 200, { Response: { Error: { Code: 'RequestLimitExceeded', Message: 'x' }, RequestId: 'x' } }],
    ['too many requests, in Chinese', 400, { code: 1, message: '请求过于频繁，请稍后再试' }],
    [
      'OpenAI: tokens per minute',
      429,
      err(
        'Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.',
        { type: 'tokens', code: 'rate_limit_exceeded' },
      ),
    ],
    [
      'Gemini: a quota without an id, with a short wait',
      429,
      google(
        429,
        'RESOURCE_EXHAUSTED',
        'You exceeded your current quota, please check your plan and billing details. Please retry in 20s.',
      ),
    ],
    ['Cerebras, with the status 200', 200, err('Tokens per minute limit exceeded - too many tokens processed.')],
    [
      'Azure',
      429,
      {
        error: {
          code: '429',
          message:
            'Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 6 seconds.',
        },
      },
    ],
    ['Azure API Management', 429, { statusCode: 429, message: 'Rate limit is exceeded. Try again in 30 seconds.' }],
    ['Vertex', 429, [google(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).')]],
    [
      'OpenRouter: a refusal of the server behind it',
      429,
      err('Provider returned error', {
        code: 429,
        metadata: { raw: 'x is temporarily rate-limited upstream. Please retry shortly.', provider_name: 'x' },
      }),
    ],
    ['OpenRouter, with a 200', 200, { error: { message: 'Rate limit exceeded', code: 429 }, user_id: 'x' }],
    [
      'LiteLLM',
      429,
      err('litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached', {
        type: 'throttling_error',
        param: null,
        code: '429',
      }),
    ],
    ['xAI', 429, { code: 'Some resource has been exhausted', error: 'Too many requests for team x and model y.' }],
    [
      'Anthropic',
      429,
      {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message: "This request would exceed your organization's rate limit of 40,000 input tokens per minute.",
        },
      },
    ],
    ['Bedrock', 429, { __type: 'ThrottlingException', message: 'Too many requests, please wait before trying again.' }],
    [
      'Moonshot',
      429,
      err('Your account request reached max organization concurrency: 1, please try again after 1 seconds', {
        type: 'rate_limit_reached_error',
      }),
    ],
    ['Zhipu', 429, { error: { code: '1302', message: '您的账户达到速率限制，请您控制请求频率。' } }],
    [
      'DashScope',
      429,
      err('You exceeded your current requests list.', { code: 'limit_requests', type: 'limit_requests' }),
    ],
    [
      'SiliconFlow',
      429,
      { message: 'Request was rejected due to rate limiting. Details:TPM limit reached.', data: null },
    ],
    [
      'Cerebras: tokens per minute, reported as a quota',
      429,
      {
        message: 'Tokens per minute limit exceeded - too many tokens processed.',
        type: 'too_many_tokens_error',
        param: 'quota',
        code: 'token_quota_exceeded',
      },
    ],
    [
      'Together',
      429,
      err(
        'You have reached the rate limit specific to this model x. The maximum rate limit for this model is 6.0 queries per minute.',
        { type: 'model_rate_limit', code: null },
      ),
    ],
    [
      'Cohere: calls per minute',
      429,
      { message: 'You are using a Trial key, which is limited to 20 API calls / minute.' },
    ],
    [
      'OpenAI: requests per day, with a short wait',
      429,
      err('Rate limit reached on requests per day (RPD): Limit 200. Please try again in 7m12s.', {
        code: 'rate_limit_exceeded',
      }),
    ],
    ['Cloudflare', 429, 'error code: 1015', plain],
    ['NVIDIA', 429, { status: 429, title: 'Too Many Requests' }],
    [
      'Databricks',
      429,
      { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'Exceeded workspace input tokens per minute rate limit.' },
    ],
    ['nginx, as a page', 429, page('429 Too Many Requests'), html],
    ['an empty body', 429, ''],
  ]),
  ...rows('provider_overloaded', [
    ['one-api: load, in Chinese', 429, err('当前分组上游负载已饱和，请稍后再试')],
    ['Chutes', 429, { detail: 'Infrastructure is at maximum capacity, try again later' }],
    ['Hugging Face: busy', 504, { error: 'Model too busy, unable to get response in less than 60 second(s)' }],
    ['a wait in a queue', 500, err('The request has been waiting in the queue for too long.')],
    ['a queue that is too long', 429, err('Waiting queue too long')],
    ['too many inputs at once', 500, err('The maximum number of concurrent inputs has been exceeded')],
    [
      'OpenAI',
      503,
      err('The engine is currently overloaded, please try again later', { type: 'server_error', code: null }),
    ],
    ['OpenAI: slow down', 503, err('Slow down', { type: 'server_error' })],
    [
      'DeepSeek',
      503,
      err('Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.', {
        type: 'service_unavailable_error',
      }),
    ],
    ['Anthropic', 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    ['Groq', 498, err('Flex tier capacity exceeded', { type: 'capacity', code: 'capacity_exceeded' })],
    [
      'xAI',
      503,
      {
        code: 'The service is currently unavailable',
        error: 'The model is at capacity and currently cannot serve this request.',
      },
    ],
    [
      'LiteLLM: a refusal of the server behind it',
      500,
      err('litellm.InternalServerError: AnthropicException - Overloaded. Handle with `litellm.InternalServerError`.', {
        type: null,
        param: null,
        code: '500',
      }),
    ],
    ['Zhipu', 429, { error: { code: '1305', message: '该模型当前访问量过大，请您稍后再试' } }],
    ['Ollama', 503, { error: 'server busy, please try again.  maximum pending requests exceeded' }],
    ['TGI', 429, { error: 'Model is overloaded', error_type: 'overloaded' }],
    ['SGLang', 503, { object: 'error', message: 'The request queue is full.', type: 'SERVICE_UNAVAILABLE', code: 503 }],
    [
      'Moonshot',
      429,
      err('The engine is currently overloaded, please try again later', { type: 'engine_overloaded_error' }),
    ],
    [
      'Volcengine',
      429,
      err('The service is currently overloaded, please retry later.', {
        code: 'ServerOverloaded',
        type: 'TooManyRequests',
      }),
    ],
    [
      'Volcengine: a model that is still loading',
      429,
      err('The model is currently unavailable due to loading.', { code: 'ModelLoading', type: 'TooManyRequests' }),
    ],
    ['SiliconFlow', 503, { code: 50505, message: 'Model service overloaded. Please try again later.', data: null }],
    [
      'Cloudflare',
      429,
      {
        success: false,
        errors: [{ code: 3040, message: 'AiError: Capacity temporarily exceeded, please try again.' }],
        result: {},
      },
    ],
    [
      'Bedrock: a model that is still loading',
      429,
      {
        __type: 'ModelNotReadyException',
        message: 'Model is not ready for inference. Please wait and try your request again.',
      },
    ],
    ['OpenRouter', 503, err('No instances available (yet)', { code: 503 })],
    ['Envoy', 503, 'no healthy upstream', plain],
    ['nginx, as a page', 503, page('503 Service Temporarily Unavailable'), html],
    ['an empty body', 503, ''],
  ]),
];
