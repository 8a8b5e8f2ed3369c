import { html, type Sample } from '../sample.ts';
import { err, google, page, plain, rows } from './row.ts';

/** Keys and accounts that a server does not accept. */
export const ACCOUNTS: readonly Sample[] = [
  ...rows('key_refused', [
    ['Tencent', 200, { Response: { Error: { Code: 'AuthFailure.SecretIdNotFound', Message: 'x' }, RequestId: 'x' } }],
    ['a key, in Chinese', 400, { message: 'API Key 无效' }],
    [
      'Azure: an invalid key',
      401,
      { error: { code: '401', message: 'Access denied due to invalid subscription key' } },
    ],
    [
      'Azure API Management: no key',
      401,
      { statusCode: 401, message: 'Access denied due to missing subscription key.' },
    ],
    ['DeepSeek', 401, err('Authentication Fails, Your api key: ****1234 is invalid', { type: 'authentication_error' })],
    ['Mistral', 401, { message: 'Unauthorized', request_id: 'x' }],
    ['Mistral, in the form of FastAPI', 401, { detail: 'Unauthorized' }],
    ['OpenRouter: no key', 401, err('No auth credentials found', { code: 401 })],
    ['llama.cpp', 401, err('Invalid API Key', { code: 401, type: 'authentication_error' })],
    ['Vertex', 401, [google(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')]],
    ['Gemini: a key that expired', 400, google(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.')],
    [
      'Gemini: no key',
      403,
      google(
        403,
        'PERMISSION_DENIED',
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key",
      ),
    ],
    [
      'Gemini: a key for other websites',
      403,
      google(403, 'PERMISSION_DENIED', 'Requests from referer <empty> are blocked.', {
        details: [{ reason: 'API_KEY_HTTP_REFERRER_BLOCKED' }],
      }),
    ],
    [
      'Gemini: a key for other APIs',
      403,
      google(403, 'PERMISSION_DENIED', 'Requests to this API are blocked.', {
        details: [{ reason: 'API_KEY_SERVICE_BLOCKED' }],
      }),
    ],
    ['Anthropic', 401, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }],
    [
      'Anthropic: a key without the permission',
      403,
      {
        type: 'error',
        error: {
          type: 'permission_error',
          message: 'Your API key does not have permission to use the specified resource.',
        },
      },
    ],
    ['Moonshot', 401, err('Invalid Authentication', { type: 'invalid_authentication_error' })],
    ['Zhipu', 401, { error: { code: '1000', message: '身份验证失败。' } }],
    ['one-api', 401, err('无效的令牌 (request id: 2026)', { type: 'one_api_error' })],
    ['SiliconFlow: a bare text', 401, '"Invalid token"'],
    [
      'MiniMax, with a 200',
      200,
      { base_resp: { status_code: 1004, status_msg: 'login fail: Please carry the API secret key' } },
    ],
    ['Baidu, with a 200', 200, { error_code: 110, error_msg: 'Access token invalid or no longer valid' }],
    ['Cloudflare', 401, { success: false, errors: [{ code: 10000, message: 'Authentication error' }], result: null }],
    ['Bedrock', 403, { message: 'The security token included in the request is invalid.' }],
    ['Hugging Face', 401, { error: 'Invalid username or password.' }],
    [
      'Hugging Face: a key without the permission',
      403,
      {
        error:
          'This authentication method does not have sufficient permissions to call Inference Providers on behalf of user x',
      },
    ],
    ['Cohere', 401, { id: 'x', message: 'invalid api token' }],
    [
      'NVIDIA',
      403,
      { status: 403, title: 'Forbidden', detail: 'Authorization failed' },
      { 'content-type': 'application/problem+json' },
    ],
    ['Kong: no key', 401, { message: 'No API key found in request' }],
    ['FastAPI', 403, { detail: 'Not authenticated' }],
    ['AWS API Gateway', 403, { message: 'Forbidden' }],
    ['nginx, as a page', 401, page('401 Authorization Required'), html],
    [
      'LiteLLM: a refusal of the server behind it',
      401,
      err('litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided', {
        type: null,
        param: null,
        code: '401',
      }),
    ],
    [
      'xAI',
      403,
      {
        code: 'The caller does not have permission to execute the specified operation',
        error: 'The API key is disabled.',
      },
    ],
    ['a gateway that expects an Authorization header', 400, { message: 'Missing Authorization header' }],
    [
      'Hugging Face: a model that needs a permission',
      403,
      { error: 'Access to model x is restricted and you are not in the authorized list.' },
    ],
    ['a proxy, in plain text', 403, 'Forbidden', plain],
    ['Ollama', 401, { error: 'unauthorized' }],
  ]),
  ...rows('account_refused', [
    ['OpenAI: terminated', 403, err('Your access was terminated due to violation of our policies.')],
    ['GitHub: flagged', 403, { message: 'Your account has been flagged. Contact support.' }],
    ['Nebius: suspended', 403, { detail: 'Your tenant is suspended' }],
    ['Ollama Cloud: a subscription', 403, { error: 'this model requires a subscription, upgrade for access' }],
    [
      'OpenAI: an account that is closed',
      401,
      err('The OpenAI account associated with this API key has been deactivated.', {
        type: 'invalid_request_error',
        code: 'account_deactivated',
      }),
    ],
    [
      'Azure: an address that the firewall does not allow',
      403,
      { error: { code: 'AccessDenied', message: 'Access denied due to Virtual Network/Firewall rules.' } },
    ],
    [
      'Groq: an organization that is blocked',
      400,
      err('Organization has been restricted. Please reach out to support.', {
        type: 'invalid_request_error',
        code: 'organization_restricted',
      }),
    ],
    [
      'Gemini: a project that is blocked',
      403,
      google(403, 'PERMISSION_DENIED', "Permission denied: Consumer 'api_key:x' has been suspended.", {
        details: [{ reason: 'CONSUMER_SUSPENDED' }],
      }),
    ],
    [
      'Gemini: no free use in this country',
      400,
      google(
        400,
        'FAILED_PRECONDITION',
        'Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio.',
      ),
    ],
    [
      'Anthropic: an organization that is closed',
      400,
      { type: 'error', error: { type: 'invalid_request_error', message: 'This organization has been disabled.' } },
    ],
    ['a country, for legal reasons', 451, err('Unavailable For Legal Reasons')],
  ]),
];
