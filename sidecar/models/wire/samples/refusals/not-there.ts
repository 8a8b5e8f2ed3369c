import { html, refused, type Sample } from '../sample.ts';

/** Models, servers and paths that are missing or not ready, and requests that are not accepted. */
export const NOT_THERE: readonly Sample[] = [
  refused(
    'a missing model (Ollama)',
    404,
    { error: { message: 'model "x" not found, try pulling it first', type: 'api_error', param: null, code: null } },
    'model_missing',
  ),
  refused(
    'a missing model (vLLM)',
    404,
    { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', param: null, code: 404 },
    'model_missing',
  ),
  refused(
    'a missing model (OpenRouter)',
    400,
    { error: { message: 'x/y is not a valid model ID', code: 400 } },
    'model_missing',
  ),
  refused(
    'a missing model (LiteLLM)',
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
    'a missing deployment (Azure)',
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
    'no server accepts the request (OpenRouter)',
    404,
    { error: { message: 'No endpoints found matching your data policy.', code: 404 } },
    'model_missing',
  ),
  refused(
    'a model that is still loading (llama.cpp)',
    503,
    { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
    'provider_overloaded',
  ),
  refused(
    'a model that is still loading (Hugging Face)',
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
    'a gateway whose server is down, as a page',
    502,
    '<html><head><title>502 Bad Gateway</title></head></html>',
    'provider_failed',
    html,
  ),
  refused('an internal error, in plain text', 500, 'Internal Server Error', 'provider_failed', {
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
    'content with a risk (DeepSeek)',
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
    'a country that is not served (OpenAI)',
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
    'the page of a firewall',
    403,
    '<html><title>Attention Required! | Cloudflare</title></html>',
    'not_a_model_server',
    html,
  ),
  refused('an unknown path, in plain text', 404, '404 page not found', 'not_a_model_server', {
    'content-type': 'text/plain',
  }),
  refused('an unknown path (FastAPI)', 404, { detail: 'Not Found' }, 'not_a_model_server'),
  refused(
    'an unknown path (llama.cpp)',
    404,
    { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } },
    'not_a_model_server',
  ),
  refused(
    'an unknown path (LM Studio, with a 200)',
    200,
    { error: 'Unexpected endpoint or method. (POST /chat/completions)' },
    'not_a_model_server',
  ),
  refused('a method that is not allowed', 405, { detail: 'Method Not Allowed' }, 'not_a_model_server'),
  refused(
    'HTTP sent to an HTTPS port',
    400,
    'Client sent an HTTP request to an HTTPS server.\n',
    'not_a_model_server',
    { 'content-type': 'text/plain' },
  ),
  refused('a redirect to a sign-in page', 302, '', 'not_a_model_server', { location: '/login' }),
  refused(
    'a parameter that the server does not support',
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
    'a list of mistakes in the request (FastAPI)',
    422,
    { detail: [{ type: 'missing', loc: ['body', 'model'], msg: 'Field required', input: {} }] },
    'request_refused',
  ),
];
