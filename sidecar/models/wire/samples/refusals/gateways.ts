import { html, json, type Sample } from '../sample.ts';
import { err, google, page, plain, rows } from './row.ts';

/** Responses of networks, proxies, tunnels and servers that are not model servers, and faults of model servers. */
export const GATEWAYS: readonly Sample[] = [
  ...rows('not_a_model_server', [
    ['a network that wants a sign-in', 511, page('Network Authentication Required'), html],
    ['a network that wants a sign-in, with a 200', 200, page('Success'), html],
    ['a redirect to https', 301, page('301 Moved Permanently'), { ...html, location: 'https://example.org/' }],
    ['a redirect with the method kept', 308, '', { location: '/v1/' }],
    ['a redirect with JSON', 307, { detail: 'moved' }, { ...json, location: '/login' }],
    ['a proxy that wants a password', 407, page('407 Proxy Authentication Required'), html],
    ["Python's file server", 501, page("Unsupported method ('POST')"), html],
    ['nginx that serves files', 405, page('405 Not Allowed'), html],
    ['Express', 404, '<pre>Cannot POST /v1/chat/completions</pre>', html],
    ['Google', 404, page('Error 404 (Not Found)!!1'), html],
    ['ngrok: offline', 404, page('ERR_NGROK_3200'), { ...html, 'ngrok-error-code': 'ERR_NGROK_3200' }],
    ['Azure: a wrong path', 404, { error: { code: '404', message: 'Resource not found' } }],
    [
      'OpenAI: a wrong path',
      404,
      err('Invalid URL (POST /chat/completions)', { type: 'invalid_request_error', code: null }),
    ],
    [
      'Groq: a wrong path',
      404,
      err('Unknown request URL: POST /chat/completions. Please check the URL for typos, or see the docs', {
        type: 'invalid_request_error',
        code: 'unknown_url',
      }),
    ],
    ['Spring', 404, { timestamp: '2026-11-01', status: 404, error: 'Not Found', path: '/chat/completions' }],
    [
      'Spring: a static resource',
      404,
      { status: 404, error: 'Not Found', message: 'No static resource chat/completions.', path: '/chat/completions' },
    ],
    [
      'Spring: a problem',
      404,
      { type: 'about:blank', title: 'Not Found', status: 404, detail: 'No static resource v1beta/models/x.' },
    ],
    ['Fastify', 404, { message: 'Route POST:/v1/chat/completions not found', error: 'Not Found', statusCode: 404 }],
    [
      'Fastify: a path with the word models',
      404,
      { message: 'Route POST:/v1beta/models/x:y not found', error: 'Not Found', statusCode: 404 },
    ],
    ['Flask', 404, { error: 'The requested URL was not found on the server.' }],
    ['a resource', 404, { error: { message: 'The requested resource could not be found', status: 404 } }],
    ['an endpoint', 404, { error: 'Endpoint not found' }],
    ['a path', 404, { error: 'path "/chat/completions" not found' }],
    ['Railway', 404, { status: 'error', code: 404, message: 'Application not found' }],
    ['a tunnel', 404, { error: { message: 'Tunnel x not found', code: 404 } }],
    ['an address that is too long', 414, page('414 Request-URI Too Large'), html],
    ['Cloudflare: a firewall', 403, 'error code: 1010', plain],
    ['a 200 without a body', 200, '', plain],
    ['a 204', 204, ''],
    ['JSON that is null', 200, 'null'],
    ['an empty list', 200, '[]'],
    [
      'XML',
      200,
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
      { 'content-type': 'application/xml' },
    ],
    ['a picture', 200, '\x89PNG\r\n\x1a\n', { 'content-type': 'image/png' }],
    ['HTTP sent to an HTTPS port', 400, page('400 The plain HTTP request was sent to HTTPS port'), html],
  ]),
  ...rows('provider_failed', [
    ...[520, 521, 522, 523, 524, 525, 526].map((status): [string, number, unknown, Record<string, string>] => [
      `Cloudflare ${status}`,
      status,
      page(`${status}: Origin`),
      html,
    ]),
    ['Cloudflare: a broken tunnel', 530, 'error code: 1033', plain],
    [
      'OpenAI',
      500,
      err('The server had an error while processing your request. Sorry about that!', {
        type: 'server_error',
        code: null,
      }),
    ],
    [
      'Gemini',
      500,
      google(
        500,
        'INTERNAL',
        'An internal error has occurred. Please retry or report in https://developers.generativeai.google',
      ),
    ],
    ['Gemini: cancelled', 499, google(499, 'CANCELLED', 'The operation was cancelled.')],
    ['Groq: cancelled', 499, err('Request cancelled')],
    ['OpenRouter', 502, err('Provider returned error', { code: 502, metadata: { raw: '', provider_name: 'x' } })],
    ['OpenRouter: a time limit', 408, err('Request timed out', { code: 408 })],
    [
      'LiteLLM',
      500,
      err('litellm.APIConnectionError: Ollama_chatException - Cannot connect to host 10.0.0.1:11434', {
        type: null,
        code: '500',
      }),
    ],
    [
      'LiteLLM: a time limit',
      408,
      err('litellm.Timeout: APITimeoutError - Request timed out.', { type: 'timeout_error', code: '408' }),
    ],
    [
      'Ollama: too little memory',
      500,
      { error: 'model requires more system memory (5.6 GiB) than is available (3.0 GiB)' },
    ],
    [
      'Ollama: a failed runner',
      500,
      err('an error was encountered while running the model: unexpected EOF', { type: 'api_error' }),
    ],
    [
      'llama.cpp: a broken template',
      500,
      err('Value is not callable: null at row 1, column 24', { code: 500, type: 'server_error' }),
    ],
    [
      'vLLM',
      500,
      err('EngineCore encountered an issue. See stack trace (above) for the root cause.', {
        type: 'InternalServerError',
        code: 500,
      }),
    ],
    ['a time limit in Go', 500, { error: 'prompt: context deadline exceeded' }],
    ['too many retries of a gateway', 500, err('Max retries exceeded with url: /v1/messages')],
    [
      'LM Studio',
      400,
      err('Failed to load model "x". Error: Model loading was stopped due to insufficient system resources.'),
    ],
    [
      'TGI',
      424,
      { error: 'Request failed during generation: Server error: CUDA out of memory', error_type: 'generation' },
    ],
    [
      'Apigee',
      500,
      { fault: { faultstring: 'Execution failed', detail: { errorcode: 'steps.javascript.ScriptExecutionFailed' } } },
    ],
    ['AWS API Gateway', 504, { message: 'Endpoint request timed out' }],
    ['Express', 500, page('Error'), html],
    ['an empty body', 500, ''],
    ['an empty body of a gateway', 502, ''],
  ]),
];
