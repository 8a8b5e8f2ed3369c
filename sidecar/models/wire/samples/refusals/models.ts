import { type Sample } from '../sample.ts';
import { err, google, plain, rows } from './row.ts';

/** Models that a server does not have, or no longer has. */
export const MODELS: readonly Sample[] = [
  ...rows('model_missing', [
    ['one-api: no channel, in Chinese', 503, err('当前分组 default 下对于模型 gpt-9 无可用渠道')],
    ['one-api: no access, in Chinese', 403, err('该令牌无权访问模型 gpt-9')],
    ['Jan', 409, { message: 'Model has not been loaded, please load model into nitro' }],
    [
      'OpenAI',
      404,
      err('The model `x` does not exist or you do not have access to it.', {
        type: 'invalid_request_error',
        code: 'model_not_found',
      }),
    ],
    [
      'OpenAI: a project without access to the model',
      403,
      err('Project `proj_x` does not have access to model `x`', {
        type: 'invalid_request_error',
        code: 'model_not_found',
      }),
    ],
    [
      'Mistral',
      400,
      { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' },
    ],
    [
      'Groq: a retired model',
      400,
      err('The model `x` has been decommissioned and is no longer supported.', {
        type: 'invalid_request_error',
        code: 'model_decommissioned',
      }),
    ],
    [
      'Azure: a retired model',
      410,
      { error: { code: 'ModelDeprecated', message: 'The model has been deprecated and is no longer available.' } },
    ],
    [
      'xAI',
      404,
      {
        code: 'Some requested entity was not found',
        error: 'The model x does not exist or your team y does not have access to it.',
      },
    ],
    [
      'Vertex',
      404,
      [
        google(
          404,
          'NOT_FOUND',
          'Publisher Model `projects/x/models/y` was not found or your project does not have access to it.',
        ),
      ],
    ],
    ['OpenRouter', 404, err('No endpoints found for x/y.', { code: 404 })],
    ['Ollama', 404, { error: "model 'x' not found" }],
    ['llama.cpp as a router', 400, err("model 'x' not found", { code: 400, type: 'invalid_request_error' })],
    ['vLLM', 404, err('The model `x` does not exist.', { type: 'NotFoundError', param: 'model', code: 404 })],
    [
      'LM Studio',
      404,
      err("No models loaded. Please load a model in the developer page or use the 'lms load' command.", {
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      }),
    ],
    [
      'Hugging Face',
      400,
      err("The requested model 'x' is not supported by any provider you have enabled.", {
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_supported',
      }),
    ],
    ['Anthropic', 404, { type: 'error', error: { type: 'not_found_error', message: 'model: claude-x' } }],
    ['Moonshot', 404, err('Not found the model x or Permission denied', { type: 'resource_not_found_error' })],
    ['Zhipu', 400, { error: { code: '1211', message: '模型不存在，请检查模型代码。' } }],
    [
      'Volcengine',
      404,
      err('The model or endpoint x does not exist or you do not have access to it.', {
        code: 'InvalidEndpointOrModel.NotFound',
        type: 'NotFound',
      }),
    ],
    ['SiliconFlow', 400, { code: 20012, message: 'Model does not exist. Please check it carefully.', data: null }],
    [
      'new-api',
      503,
      err('No available channel for model x under group default (distributor)', {
        type: 'new_api_error',
        code: 'model_not_found',
      }),
    ],
    [
      'Cloudflare',
      400,
      { success: false, errors: [{ code: 5007, message: 'No such model @cf/x or task' }], result: {} },
    ],
    [
      'Fireworks',
      404,
      err('Model not found, inaccessible, and/or not deployed', {
        object: 'error',
        type: 'invalid_request_error',
        code: 'NOT_FOUND',
      }),
    ],
    [
      'NVIDIA',
      404,
      { type: 'about:blank', status: 404, title: 'Not Found', detail: "Function 'x': Not found for account 'y'" },
    ],
    [
      'Databricks',
      404,
      {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message:
          'The given endpoint does not exist, please retry after checking the specified model and version deployment exists.',
      },
    ],
    [
      'AWS: no access',
      403,
      { __type: 'AccessDeniedException', message: "You don't have access to the model with the specified model ID." },
    ],
    [
      'Bedrock: a retired model',
      404,
      { __type: 'ResourceNotFoundException', message: 'This model version has reached the end of its life.' },
    ],
    ['llama-swap', 404, 'could not find real modelID for x', plain],
    ['llama-swap, with status 400', 400, { error: 'no handler for requested model' }],
    [
      'OpenAI: not a chat model',
      404,
      err('This is not a chat model and thus not supported in the v1/chat/completions endpoint.'),
    ],
    ['Gemini: a generic 404', 404, google(404, 'NOT_FOUND', 'Requested entity was not found.')],
    ['Volcengine: an endpoint', 404, err('The endpoint ep-20260101-abcde does not exist.')],
    ['an error that does not say what is missing', 404, err('no', { type: 'invalid_request_error' })],
    ['GitHub', 400, { error: { code: 'unknown_model', message: 'Unknown model: x' } }],
    [
      'Cohere',
      404,
      {
        message: "model 'x' not found, make sure the correct model ID was used and that you have access to the model.",
      },
    ],
  ]),
];
