import { type Sample } from '../sample.ts';
import { err, google, rows } from './row.ts';

/** Credit and quotas that are used up. */
export const CREDIT: readonly Sample[] = [
  ...rows('quota_used_up', [
    [
      'xAI: no credits yet',
      403,
      { code: 'x', error: "Your newly created team doesn't have any credits or licenses yet." },
    ],
    ['new-api: a quota of a token', 403, err('token quota is not enough', { code: 'pre_consume_token_quota_failed' })],
    ['new-api: a quota of a token, in Chinese', 401, err('该令牌额度已用尽')],
    ['Zhipu: a limit of five hours', 429, { error: { code: '1308', message: '已达到 5 小时的使用上限。' } }],
    ['Volcano: a limit that was set', 429, err('The model service has been paused.', { code: 'SetLimitExceeded' })],
    ['DeepInfra: no payment method', 429, { detail: 'inference prohibited, please enter a payment method' }],
    ['a monthly quota, in German', 429, { message: 'Ihr monatliches Kontingent ist aufgebraucht.' }],
    [
      'OpenAI: a spending limit',
      400,
      err('Billing hard limit has been reached', { type: 'invalid_request_error', code: 'billing_hard_limit_reached' }),
    ],
    [
      'OpenAI: an account without billing',
      429,
      err('Your account is not active, please check your billing details on our website.', {
        type: 'billing_not_active',
        code: 'billing_not_active',
      }),
    ],
    [
      'Anthropic: used-up credit, with status 400',
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message:
            'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
        },
      },
    ],
    [
      'Anthropic: a limit that the account has set',
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message:
            'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
        },
      },
    ],
    [
      'xAI',
      429,
      {
        code: 'Some resource has been exhausted',
        error: 'Your team has either used all available credits or reached its monthly spending limit.',
      },
    ],
    [
      'Gemini: used-up credit',
      429,
      google(
        429,
        'RESOURCE_EXHAUSTED',
        'Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.',
      ),
    ],
    [
      'Gemini: a limit of zero',
      429,
      google(
        429,
        'RESOURCE_EXHAUSTED',
        'You exceeded your current quota. Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0',
      ),
    ],
    [
      'OpenRouter',
      402,
      err('Insufficient credits. Add more using https://openrouter.ai/settings/credits', { code: 402 }),
    ],
    [
      'OpenRouter: a limit of the key',
      403,
      err('Key limit exceeded (monthly limit). Manage it using https://openrouter.ai', { code: 403 }),
    ],
    [
      'OpenRouter: free requests per day',
      429,
      err('Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day', {
        code: 429,
      }),
    ],
    [
      'LiteLLM: a budget, reported as an authentication error',
      401,
      err('Authentication Error, ExceededTokenBudget: Current spend for token: 7.2; Max Budget for Token: 2.0', {
        type: 'auth_error',
        param: 'None',
        code: '401',
      }),
    ],
    [
      'Hugging Face',
      402,
      {
        error:
          'You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more monthly included credits.',
      },
    ],
    [
      'Ollama',
      429,
      { error: 'you (x) have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade' },
    ],
    [
      'Moonshot',
      429,
      err('You exceeded your current token quota: 0, please check your account balance', {
        type: 'exceeded_current_quota_error',
      }),
    ],
    ['Zhipu', 429, { error: { code: '1113', message: '您的账户已欠费，请充值后重试。' } }],
    [
      'DashScope',
      400,
      err('Access denied, please make sure your account is in good standing.', {
        code: 'Arrearage',
        type: 'Arrearage',
      }),
    ],
    [
      'Volcengine',
      403,
      err('The request failed because your account has an overdue balance.', {
        code: 'AccountOverdueError',
        type: 'Forbidden',
      }),
    ],
    ['SiliconFlow', 403, { code: 30001, message: 'Sorry, your account balance is insufficient', data: null }],
    ['new-api', 403, err('用户额度不足, 剩余额度: $0.00', { type: 'new_api_error', code: 'insufficient_user_quota' })],
    [
      'MiniMax, with a 200',
      200,
      { choices: null, base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
    ],
    [
      'Cloudflare',
      429,
      {
        success: false,
        errors: [{ code: 4006, message: 'you have used up your daily free allocation of 10,000 neurons' }],
      },
    ],
    [
      'Cerebras: requests per day',
      429,
      {
        message: 'Requests per day limit exceeded - too many requests sent.',
        type: 'too_many_requests_error',
        param: 'quota',
        code: 'request_quota_exceeded',
      },
    ],
    [
      'Together',
      402,
      err('Credit limit exceeded, please navigate to https://api.together.xyz/settings/billing', {
        type: 'credit_limit',
        code: null,
      }),
    ],
    ['Novita', 403, { code: 403, reason: 'NOT_ENOUGH_BALANCE', message: 'not enough balance', metadata: {} }],
    [
      'DashScope: the free tier',
      403,
      err('The free tier of the model has been exhausted.', { code: 'AllocationQuota.FreeTierOnly' }),
    ],
    [
      'Azure API Management',
      403,
      { statusCode: 403, message: 'Out of call volume quota. Quota will be replenished in 12:02:03.' },
    ],
    [
      'Bedrock: tokens per day',
      429,
      { __type: 'ThrottlingException', message: 'Too many tokens per day, please wait before trying again.' },
    ],
    ['NVIDIA', 402, { detail: 'Cloud credits expired - Please contact NVIDIA representatives' }],
    [
      'Cohere: calls per month',
      429,
      { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' },
    ],
  ]),
];
