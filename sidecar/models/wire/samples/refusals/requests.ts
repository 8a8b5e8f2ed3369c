import { type Sample } from '../sample.ts';
import { err, google, plain, rows } from './row.ts';

/** Requests that a server refuses for what they contain: too much, or words that a filter stops. */
export const REQUESTS: readonly Sample[] = [
  ...rows('conversation_too_long', [
    ['German', 400, { message: 'Die Eingabe ist zu lang: höchstens 8192 Token sind erlaubt.' }],
    ['French', 400, { message: 'Le contexte est trop long (9000 jetons, maximum 8192).' }],
    [
      'OpenAI: more tokens than the limit per minute',
      429,
      err(
        'Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 40000. The input or output tokens must be reduced in order to run successfully.',
        { type: 'tokens', code: 'rate_limit_exceeded' },
      ),
    ],
    [
      'OpenAI: one text that is too long',
      400,
      err(
        "Invalid 'messages[0].content': string too long. Expected a string with maximum length 1048576, but got a string with length 2000000 instead.",
        { type: 'invalid_request_error', code: 'string_above_max_length' },
      ),
    ],
    [
      'DeepSeek',
      400,
      err("This model's maximum context length is 65536 tokens. However, you requested 70000 tokens.", {
        code: 'invalid_request_error',
      }),
    ],
    [
      'Groq',
      400,
      err('Please reduce the length of the messages or completion.', {
        type: 'invalid_request_error',
        param: 'messages',
      }),
    ],
    [
      'xAI',
      400,
      {
        code: 'Client specified an invalid argument',
        error: "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
      },
    ],
    [
      'Vertex',
      400,
      [
        google(
          400,
          'INVALID_ARGUMENT',
          'Unable to submit request because the input token count is 1200000 but model only supports up to 1048576. Reduce the input token count and try again.',
        ),
      ],
    ],
    [
      'Gemini: too many bytes',
      400,
      google(400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'),
    ],
    [
      'OpenRouter',
      400,
      err(
        "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (39000 of text input, 1000 in the output).",
        { code: 400 },
      ),
    ],
    [
      'LiteLLM',
      400,
      err('litellm.ContextWindowExceededError: litellm.BadRequestError: x', { type: null, param: null, code: '400' }),
    ],
    ['Ollama', 400, { error: 'prompt too long; exceeded max context length by 40 tokens' }],
    ['Ollama: the input', 400, { error: 'the input length exceeds the context length' }],
    [
      'llama.cpp',
      400,
      err('the request exceeds the available context size (4096 tokens), try increasing it', {
        code: 400,
        type: 'exceed_context_size_error',
        n_prompt_tokens: 5000,
        n_ctx: 4096,
      }),
    ],
    [
      'vLLM',
      400,
      err("This model's maximum context length is 8192 tokens. However, your request has 9000 input tokens.", {
        type: 'BadRequestError',
        param: 'input_tokens',
        code: 400,
      }),
    ],
    [
      'vLLM: the prompt',
      400,
      {
        object: 'error',
        message:
          'The decoder prompt (length 9000) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens.',
        type: 'BadRequestError',
        code: 400,
      },
    ],
    [
      'TGI',
      422,
      {
        error: 'Input validation error: `inputs` must have less than 1024 tokens. Given: 2000',
        error_type: 'validation',
      },
    ],
    [
      'LM Studio',
      400,
      {
        error:
          'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 5000>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input.',
      },
    ],
    [
      'Anthropic',
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      },
    ],
    [
      'Anthropic: too long together with the answer',
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message:
            'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again',
        },
      },
    ],
    [
      'Anthropic: too many bytes',
      413,
      { type: 'error', error: { type: 'request_too_large', message: 'Request exceeds the maximum size' } },
    ],
    ['Bedrock', 400, { message: 'The model returned the following errors: Input is too long for requested model.' }],
    [
      'Moonshot',
      400,
      err('Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)', {
        type: 'invalid_request_error',
      }),
    ],
    ['Zhipu', 400, { error: { code: '1261', message: 'Prompt 超长' } }],
    [
      'DashScope',
      400,
      err('<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]', {
        type: 'invalid_request_error',
        code: 'invalid_parameter_error',
      }),
    ],
    [
      'SiliconFlow',
      400,
      { code: 20015, message: 'length of prompt_tokens (9000) must be less than max_seq_len (8192).', data: null },
    ],
    [
      'Cohere',
      400,
      {
        message:
          'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try using a shorter prompt.',
      },
    ],
    [
      'Cerebras',
      400,
      {
        message: 'Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192',
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    ],
    [
      'GitHub',
      413,
      {
        error: {
          code: 'tokens_limit_reached',
          message: 'Request body too large for gpt-4o model. Max size: 8000 tokens.',
        },
      },
    ],
    ['TensorRT-LLM', 400, err('Prompt length (9000) exceeds maximum input length (8192). Set log level to info')],
    ['SambaNova', 400, err('The prompt length 9000 exceeds the maximum sequence length 8192')],
    ['Snowflake', 400, { message: 'max tokens of 4096 exceeded' }],
    [
      'Titan',
      400,
      { message: 'Malformed input request: expected maxLength: 50000, actual: 90000, please reformat your input' },
    ],
    ['Volcengine', 400, err('Total tokens of image and text exceed max message tokens.', { code: 'InvalidParameter' })],
    ['Baidu, with a 200', 200, { error_code: 336007, error_msg: 'the max input characters is 24000' }],
    [
      'DashScope: the input',
      400,
      err('Input length 140000 exceeds the maximum length 131072', { code: 'InvalidParameter' }),
    ],
    ['StepFun', 400, err('total message token length exceed model limit', { type: 'request_params_invalid' })],
    ['AI21', 422, { detail: 'The prompt exceeds the maximum number of tokens: 256000' }],
    ['a limit in Chinese', 400, err('输入长度超出模型上限')],
    ['a limit after “at most”', 400, err('You passed 9000 input tokens. However the model supports at most 8192')],
    ['a setting of the server', 400, err('max_prompt_tokens exceeded')],
    ['iFlytek', 400, { error: { message: 'token数量超过上限', code: '10907' } }],
    ['Express', 413, 'PayloadTooLargeError: request entity too large', plain],
  ]),
  ...rows('content_refused', [
    [
      'OpenAI',
      400,
      err('Invalid prompt: your prompt was flagged as potentially violating our usage policy.', {
        type: 'invalid_request_error',
        code: 'invalid_prompt',
      }),
    ],
    [
      'OpenAI: policy',
      400,
      err('Your request was rejected as a result of our safety system.', {
        type: 'image_generation_user_error',
        code: 'content_policy_violation',
      }),
    ],
    [
      'LiteLLM',
      400,
      err('litellm.BadRequestError: litellm.ContentPolicyViolationError: x', { type: null, param: null, code: '400' }),
    ],
    [
      'xAI',
      403,
      {
        code: 'The caller does not have permission to execute the specified operation',
        error: 'Content violates usage guidelines. Team: x, Failed check: SAFETY_CHECK_TYPE_BIO',
      },
    ],
    ['Moonshot', 400, err('The request was rejected because it was considered high risk', { type: 'content_filter' })],
    [
      'Zhipu',
      400,
      {
        contentFilter: [{ level: 1, role: 'user' }],
        error: { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容' },
      },
    ],
    [
      'DashScope',
      400,
      err('Input data may contain inappropriate content.', {
        code: 'data_inspection_failed',
        type: 'data_inspection_failed',
      }),
    ],
    [
      'Volcengine',
      400,
      err('The request failed because the input text may contain sensitive information.', {
        code: 'SensitiveContentDetected',
        type: 'BadRequest',
      }),
    ],
    ['MiniMax, with a 200', 200, { base_resp: { status_code: 1026, status_msg: 'input new_sensitive' } }],
    [
      'Anthropic',
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' },
      },
    ],
    ['a gateway before Bedrock', 400, { message: 'The input was blocked by guardrails' }],
    ['LiteLLM: guardrails', 400, err('Content blocked by guardrail: pii', { type: 'None', code: '400' })],
    ['a guardrail that says failed', 400, err('Input failed guardrail check')],
    ['Portkey', 446, err('The guardrail checks defined in the config failed.', { type: 'hooks_failed' })],
  ]),
  ...rows('request_refused', [
    ['a picture that took too long', 400, err('The image download took too long')],
    ['Ollama: no tools', 400, err('registry.ollama.ai/library/x does not support tools', { type: 'api_error' })],
    [
      'vLLM: no tools',
      400,
      {
        object: 'error',
        message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        type: 'BadRequestError',
        code: 400,
      },
    ],
    [
      'Anthropic: an empty message',
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'messages: text content blocks must be non-empty' },
      },
    ],
    [
      'Gemini',
      400,
      google(400, 'INVALID_ARGUMENT', 'Please ensure that multiturn requests alternate between user and model.'),
    ],
    ['LM Studio', 400, { error: 'Error rendering prompt with jinja template: "Conversation roles must alternate".' }],
    ['a setting with too large a number', 400, err("'max_completion_tokens' is not supported with this model")],
    ['too many tools', 400, err('tools exceed the maximum of 128')],
    ['a limit on stop words', 400, err('the stop sequence list exceeds 4')],
    ['an empty body', 400, ''],
  ]),
];
