import { html, refused, type Sample } from '../sample.ts';

/** Models, servers and paths that are not there or not ready, and requests that are not taken. */
export const NOT_THERE: readonly Sample[] = [
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
    'no server accepts the request (OpenRouter)',
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
];
