import type { StreamErrorCode } from '../../../../shared/stream/stream-errors.ts';

type Codes = Record<string, StreamErrorCode>;

/** Error codes in a response body that name the problem, in lower case. They take precedence over the HTTP status. */
const CAUSES: Codes = {
  api_key_invalid: 'key_refused',
  api_key_service_blocked: 'key_refused',
  api_key_expired: 'key_refused',
  invalid_api_key: 'key_refused',
  invalidapikey: 'key_refused',
  incorrect_api_key: 'key_refused',
  authfailure: 'key_refused',
  account_deactivated: 'account_refused',
  consumer_suspended: 'account_refused',
  organization_restricted: 'account_refused',
  account_suspended: 'account_refused',
  access_terminated: 'account_refused',
  service_disabled: 'account_refused',
  unsupported_country_region_territory: 'account_refused',
  user_location_invalid: 'account_refused',
  insufficient_quota: 'quota_used_up',
  insufficient_balance: 'quota_used_up',
  insufficient_user_quota: 'quota_used_up',
  exceeded_current_quota_error: 'quota_used_up',
  request_quota_exceeded: 'quota_used_up',
  accountoverdueerror: 'quota_used_up',
  credit_limit: 'quota_used_up',
  pre_consume_token_quota_failed: 'quota_used_up',
  setlimitexceeded: 'quota_used_up',
  insufficient_credits: 'quota_used_up',
  billing_hard_limit_reached: 'quota_used_up',
  billing_not_active: 'quota_used_up',
  billing_disabled: 'quota_used_up',
  budget_exceeded: 'quota_used_up',
  not_enough_balance: 'quota_used_up',
  arrearage: 'quota_used_up',
  1113: 'quota_used_up',
  model_not_found: 'model_missing',
  modelnotfound: 'model_missing',
  model_not_supported: 'model_missing',
  unknown_model: 'model_missing',
  invalid_model: 'model_missing',
  modeldeprecated: 'model_missing',
  resource_does_not_exist: 'model_missing',
  1211: 'model_missing',
  model_not_exist: 'model_missing',
  deploymentnotfound: 'model_missing',
  model_not_available: 'model_missing',
  model_decommissioned: 'model_missing',
  context_length_exceeded: 'conversation_too_long',
  exceed_context_size_error: 'conversation_too_long',
  string_above_max_length: 'conversation_too_long',
  request_too_large: 'conversation_too_long',
  tokens_limit_reached: 'conversation_too_long',
  1261: 'conversation_too_long',
  content_filter: 'content_refused',
  content_policy_violation: 'content_refused',
  invalid_prompt: 'content_refused',
  sensitivecontentdetected: 'content_refused',
  responsibleaipolicyviolation: 'content_refused',
  data_inspection_failed: 'content_refused',
  datainspectionfailed: 'content_refused',
  moderation_blocked: 'content_refused',
  1301: 'content_refused',
  rate_limit_exceeded: 'provider_rate_limited',
  rate_limit_error: 'provider_rate_limited',
  ratelimiterror: 'provider_rate_limited',
  ratelimitexceeded: 'provider_rate_limited',
  requestlimitexceeded: 'provider_rate_limited',
  requests_limit_reached: 'provider_rate_limited',
  throttling: 'provider_rate_limited',
  1302: 'provider_rate_limited',
  1305: 'provider_overloaded',
  overloaded_error: 'provider_overloaded',
  engine_overloaded: 'provider_overloaded',
  engine_overloaded_error: 'provider_overloaded',
  capacity_exceeded: 'provider_overloaded',
  unavailable_error: 'provider_overloaded',
  loading_model: 'provider_overloaded',
  overloaded: 'provider_overloaded',
  serveroverloaded: 'provider_overloaded',
  modelloading: 'provider_overloaded',
  model_not_ready: 'provider_overloaded',
  queue_exceeded: 'provider_overloaded',
  service_tier_capacity_exceeded: 'provider_overloaded',
  3505: 'provider_overloaded',
  unsupported_parameter: 'request_refused',
  unsupported_value: 'request_refused',
  tool_use_failed: 'tool_call_failed',
  unknown_url: 'not_a_model_server',
};

/** Codes that name only the class of an error. They are used if there is no HTTP status, or if the status does not decide. */
const CLASSES: Codes = {
  unauthenticated: 'key_refused',
  authentication_error: 'key_refused',
  permission_denied: 'key_refused',
  permission_error: 'key_refused',
  unauthorized: 'key_refused',
  not_found: 'model_missing',
  not_found_error: 'model_missing',
  notfounderror: 'model_missing',
  resource_exhausted: 'provider_rate_limited',
  too_many_requests: 'provider_rate_limited',
  failed_precondition: 'account_refused',
  invalid_argument: 'request_refused',
  invalid_parameter: 'request_refused',
  validation: 'request_refused',
  invalid_request_error: 'request_refused',
  badrequesterror: 'request_refused',
  bad_request: 'request_refused',
  internal: 'provider_failed',
  internal_server_error: 'provider_failed',
  internalservererror: 'provider_failed',
  server_error: 'provider_failed',
  api_error: 'provider_failed',
  unavailable: 'provider_overloaded',
  service_unavailable: 'provider_overloaded',
  deadline_exceeded: 'provider_failed',
};

/** `InternalServerError`, `internal-server-error` and `internal_server_error` are the same. */
const canonical = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');

const tableOf = (codes: Codes): Map<string, { code: StreamErrorCode; detail: string }> =>
  new Map(Object.entries(codes).map(([detail, code]) => [canonical(detail), { code, detail }]));

const TABLES = { causes: tableOf(CAUSES), classes: tableOf(CLASSES) };

/** The first of these codes that is in the table, also if it ends with `Error` or `Exception`. */
export function findCode(
  codes: readonly string[],
  table: keyof typeof TABLES,
): { code: StreamErrorCode; detail: string } | undefined {
  for (const code of codes) {
    const name = canonical(code);
    const found =
      TABLES[table].get(name) ??
      TABLES[table].get(name.replace(/(error|exception)$/, '')) ??
      // Tencent divides its codes with a point: `AuthFailure.SecretIdNotFound`.
      TABLES[table].get(name.split('.')[0]!);
    if (found !== undefined) return found;
  }
  return undefined;
}

const PER_DAY = /(\bper|\/)[- ]?(day|week|month)\b|\b(daily|weekly|monthly)\b/i;

/** True if the words name a limit per day, week or month. */
export const isPerDay = (words: string): boolean => PER_DAY.test(words);

/** Something that has a length. Not part of a path, of the setting `max_tokens`, or of Go's `context deadline exceeded`. */
const LONG = String.raw`(?<![/\w"])(?:(?:max |total )?tokens?|inputs?|prompt|context(?! deadline)|(?<!stop )sequence|characters?|messages?(?= (?:token|length|size|content|exceed|is|are|of)))(?!["\w])`;
const OVER = String.raw`(?<!(?:deadline|time|timeout|retries|rate|quota) )(?:exceed|too large|\bmax(?:imum|length)?(?![\w-]| retries| (?:completion |output )?tokens)|\blimit|(?:at most|up to|larger than|longer than|more than) \d{3})`;
/** A length, and a limit near it. The words of a rate limit are similar, so they are looked for first. */
const OVER_LENGTH = new RegExp(`${LONG}.{0,60}?${OVER}|${OVER}.{0,60}?${LONG}`, 'i');
/** Only something with a length can be too long: `The image download took too long` is about time. */
const TOO_LONG =
  /\b(prompt|input|context|messages?|text|sequence|string|content|conversation|request)s?\b.{0,80}too long|too long.{0,60}\b(prompt|input|context|messages?|text|sequence|conversation)\b/i;
/** Words about time, load or the server itself. A limit near them is not a limit on the length of a conversation. */
const OTHER_LIMIT =
  /\b(took|tak(es?|ing)|wait\w*|queue\w*|time|time ?out|concurren\w+|recursion|tensor|\d+ ?(m?s|seconds?))\b/i;

/**
 * Patterns for the words of error messages, because many servers send no code or only a general one. The messages are only
 * searched, never shown. The most reliable patterns come first.
 */
const WORDS: readonly [pattern: RegExp, code: StreamErrorCode, unless?: RegExp][] = [
  [/\b(tokens|requests) per (min(ute)?|second)\b/i, 'provider_rate_limited', /request too large/i],
  [
    /context.?(length|size|window)|maximum (context|prompt|model) length|too many (input |prompt )?tokens(?! per)|prompt (is |was )?too (long|large)|input (is )?too (long|large)|token count|tokens? (limit|allowed)|max_input_tokens|max_(\w+_)?tokens\W{1,3}(must be|is too|exceed|cannot be)|reduce the length|greater than the context|n_ctx|(less than|must be <=?|longer than) \d+ tokens|payload size exceeds|request (body )?too large|range of input length|max_seq_len|超长|(输入|提示|上下文|长度|对话|token).{0,10}(超过|超出|超限|过长|上限)|(超过|超出).{0,10}(长度|上下文)|(eingabe|kontext|text|nachricht)\b.{0,20}zu lang|(contexte|texte|message|entrée)\b.{0,20}trop long/i,
    'conversation_too_long',
  ],
  [TOO_LONG, 'conversation_too_long', OTHER_LIMIT],
  [
    /location is not supported|not available in your (country|region)|unsupported (country|region)|(organi[sz]ation|account|project|consumer)\b.{0,60}\b(has been |is |was )(restricted|disabled|suspended|deactivated|closed|banned|terminated)|firewall rules|virtual network|your (account|access|tenant|organi[sz]ation)\b.{0,20}\b(suspended|flagged|terminated|under moderation)|requires a subscription/i,
    'account_refused',
  ],
  [
    /guardrails?.{0,60}(block|fail|interven|reject|refus|violat|trigger|detect|stop)|(block|reject|refus|interven|stop|violat|fail)\w*\b.{0,40}guardrail|content (filter|policy|exists risk|management|moderation)|moderation|safety (system|filter)|flagged|inappropriate|sensitive (information|content)|new_sensitive|content.?policy|violat\w+ .{0,30}(guideline|polic)|敏感|不安全/i,
    'content_refused',
  ],
  [
    /(insufficient|(not|n.t have) enough) (quota|balance|credit|fund)|(free tier|free quota|allowance|allocation)\b.{0,60}(exhausted|used up|exceeded)|out of .{0,20}quota|quota\b.{0,40}replenish|credit balance|more credits|out of credits|available credits|credits? (are |is |has |have )?(been )?(depleted|exhausted|expired|used up|limit)|balance is insufficient|account balance|overdue|good standing|(budget|usage limits?|spending limit|key limit)\b.{0,30}(been|reached|exceeded)|max budget|(reached|exceeded) (your|its) .{0,40}(spending|usage) limit|weekly usage|billing|payment required|\blimit: 0\b|额度不足|余额不足|欠费|have any credits|quota is not enough|(额度|余额).{0,3}(不足|用尽|耗尽)|使用上限|payment method|kontingent\b.{0,20}(aufgebraucht|erschöpft)/i,
    'quota_used_up',
  ],
  [
    /(invalid|incorrect|missing|expired|wrong|no|valid|provide\w*) (an? |your )?(api|access)[ _-]?key|(api|access)[ _-]?key\b.{0,60}(invalid|not valid|incorrect|missing|expired|required)|unauthori[sz]ed|authentication|bearer token|(missing|no|invalid|required?) .{0,20}authorization|authorization (header|token)|(invalid|access) token|login fail|(API ?Key|密钥|令牌).{0,6}(无效|错误|过期)|无效的(令牌|密钥)/i,
    'key_refused',
  ],
  [
    /\bmodel:? ['"`]?[\w./:@-]{1,120}['"`]? (is |was |could )?(not (found|exist|loaded|available)|does(n.t| not) exist|unknown|no longer)|(unknown|no such|invalid) model|model not found|(no|n.t have|not have|without) access to (the |this )?model|end.of.(its.)?life|(handler|route) for (the )?requested model|(not|n.t) find (a |the )?(real )?model|not a valid model|no models? loaded|try pulling|no available channel for model|not found for account|模型不存在|无可用渠道|无权访问模型|model has not been loaded/i,
    'model_missing',
  ],
  [
    /no static resource|route .{1,80} not found|requested (url|resource|path|page)\b.{0,20}not (be )?found|unexpected endpoint|cannot (post|get) \/|invalid url|(unknown|no such|no) (route|endpoint for)|unrecognized request url|HTTP request (was sent )?to (an )?HTTPS/i,
    'not_a_model_server',
  ],
  [PER_DAY, 'quota_used_up'],
  [
    /rate.?limit|too many requests|slow down|(requests|tokens) per (minute|second)|quota|速率限制|\bqps\b|速率限制|过于频繁|频率限制/i,
    'provider_rate_limited',
  ],
  [OVER_LENGTH, 'conversation_too_long', OTHER_LIMIT],
  [
    /overload|访问量过大|at (maximum |full )?capacity|负载已饱和|too busy|capacity (temporarily )?exceeded|not ready|due to loading|server (is )?busy|loading model|model is (currently )?loading|temporarily unavailable|no available (server|slot|worker)|queue\b.{0,40}(too long|full)|number of concurrent \w+ (has been )?exceeded/i,
    'provider_overloaded',
  ],
  [
    /out of memory|insufficient system resources|\boom\b|cuda|vram|terminated|runner|internal (server )?error|segfault|crash/i,
    'provider_failed',
  ],
];

export const findByWords = (text: string): StreamErrorCode | undefined =>
  WORDS.find(([pattern, , unless]) => pattern.test(text) && !unless?.test(text))?.[1];

/** What a refusal complains about: the offered tools, the partial answer that the model was asked to continue, or neither. */
export function blameIn(text: string): 'tools' | 'partial' | undefined {
  if (
    /prefill|assistant (message|response|turn|role)|continue_final|add_generation|model turn|substring|last message|final message/i.test(
      text,
    )
  )
    return 'partial';
  return /\btools?\b|tool.?(use|call|choice)|function.?call/i.test(text) ? 'tools' : undefined;
}
