import type { StreamErrorCode } from '../../../../shared/stream/stream-errors.ts';
import { blameIn, findByWords, findCode, isPerDay } from './error-codes.ts';
import type { Failure } from './failure.ts';
import { isRecord, listOf, own, stringIn } from '../body/json.ts';
import { waitIn, waitInRecord } from './retry-after.ts';

export interface FailedReply {
  /** The HTTP status; undefined for an error in the middle of a stream. */
  status?: number;
  /** The parsed body; undefined if it is not JSON. */
  document: unknown;
  /** The body as text. Used only if the body is not JSON. */
  text?: string;
  headers?: Record<string, string | undefined>;
}

export function readFailure({ status, document, text = '', headers = {} }: FailedReply): Failure {
  const found = collect(document);
  const words = `${found.texts.join(' ')} ${isRecord(document) || Array.isArray(document) ? '' : text}`.slice(0, 4000);
  const inBody = found.status;
  const effective = status ?? inBody;
  const wait = waitIn(headers, { inBody: found.retryAfterMs, texts: words, nowMs: Date.now() });
  const base: Failure = {
    code: 'request_refused',
    ...(effective === undefined ? {} : { status: effective }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
  const blames = blameIn(words);
  if (blames) base.blames = blames;

  const cause = findCode(found.codes, 'causes');
  // A single request may have more tokens than the limit allows per minute. Such a request fails however long the person waits.
  const isTooLarge = effective === 413 || /request too large/i.test(words);
  if (isTooLarge && cause?.code === 'provider_rate_limited') return { ...base, code: 'conversation_too_long' };
  // A limit per day is used up, unless the server says that the wait is short.
  const isDayOver =
    cause?.code === 'provider_rate_limited' && isPerDay(words) && (wait === undefined || wait > 3_600_000);
  if (isDayOver) return { ...base, code: 'quota_used_up' };
  if (cause) return { ...base, ...cause };
  if (found.isDailyQuota) return { ...base, code: 'quota_used_up' };
  if (effective === 429 && isShortLimit(found, { words, wait })) return { ...base, code: 'provider_rate_limited' };
  const byStatus =
    effective === undefined
      ? undefined
      : byHttpStatus(effective, { words, isError: found.isError, codes: found.codes });
  const byClass = findCode(found.codes, 'classes');
  if (byStatus) return { ...base, code: byStatus, ...(byClass ? { detail: byClass.detail } : {}) };
  const byWords = findByWords(words);
  if (byWords && effective === undefined)
    return { ...base, code: byClass ? strongerOf(byClass.code, byWords) : byWords };
  // Ollama gives all its refusals the class `api_error`, so with a status below 500 that class says nothing.
  const isRefusal = effective !== undefined && effective < 500;
  if (byClass && !(isRefusal && byClass.code === 'provider_failed')) return { ...base, ...byClass };
  return { ...base, code: effective === undefined ? 'provider_failed' : (byWords ?? 'request_refused') };
}

/**
 * True if a limit is over soon. Google writes "check your plan and billing details" also if only the limit per minute is reached. A
 * limit of zero and a lack of money are never over soon, whatever wait the server names.
 */
function isShortLimit(found: Found, { words, wait }: { words: string; wait: number | undefined }): boolean {
  if (findByWords(words) !== 'quota_used_up' || /\blimit: 0\b/i.test(words)) return false;
  if (found.isMinuteQuota) return true;
  return wait !== undefined && wait <= MAX_SHORT_WAIT_MS && !MONEY.test(words);
}

const MAX_SHORT_WAIT_MS = 120_000;
const MONEY = /balance|credit|fund|payment|budget|spend|额度|余额|欠费/i;

/** A general class such as "invalid request" says less than the words of the message. Any other class says more. */
const strongerOf = (byClass: StreamErrorCode, byWords: StreamErrorCode): StreamErrorCode =>
  byClass === 'request_refused' || byClass === 'provider_failed' ? byWords : byClass;

/** @param isError the body is JSON and has an error in the form that model servers use */
function byHttpStatus(
  status: number,
  { words, isError, codes }: { words: string; isError: boolean; codes: readonly string[] },
): StreamErrorCode | undefined {
  const byWords = findByWords(words);
  switch (status) {
    case 401:
      return byWords === 'quota_used_up' ? byWords : 'key_refused';
    case 402:
      return 'quota_used_up';
    case 403:
      if (byWords === 'content_refused' || byWords === 'account_refused' || byWords === 'quota_used_up') return byWords;
      return isPage(words) ? 'not_a_model_server' : (byWords ?? 'key_refused');
    case 404:
      return byWords === 'model_missing' || isAboutModel({ words, isError, codes })
        ? 'model_missing'
        : 'not_a_model_server';
    case 405:
    case 406:
    case 407:
    case 411:
    case 414:
    case 415:
    case 426:
    case 511:
      return 'not_a_model_server';
    case 408:
    case 499:
      return 'provider_failed';
    case 410:
      return isError ? 'model_missing' : 'not_a_model_server';
    case 451:
      return 'account_refused';
    case 501:
      return isPage(words) ? 'not_a_model_server' : 'provider_failed';
    case 412:
      return 'account_refused';
    case 413:
      return 'conversation_too_long';
    case 429:
      return byWords === 'quota_used_up' || byWords === 'provider_overloaded' ? byWords : 'provider_rate_limited';
    case 424:
      return byWords ?? 'provider_failed';
    case 503:
      return byWords === 'model_missing' && /无可用渠道/.test(words) ? byWords : 'provider_overloaded';
    case 529:
      return 'provider_overloaded';
    default:
  }
  if (status >= 300 && status < 400) return 'not_a_model_server';
  if (status >= 500) {
    // Self-hosted servers answer 500 also where others answer 400, 404 or 503, so the words of the message say more than the status.
    const isTimeout = status === 504 || status >= 520;
    const isKnown =
      byWords === 'provider_overloaded' ||
      (!isTimeout && (byWords === 'conversation_too_long' || byWords === 'model_missing'));
    return isKnown ? byWords : 'provider_failed';
  }
  return isPage(words) ? 'not_a_model_server' : byWords;
}

/** True for an HTML page, and for the text of Cloudflare's firewall. */
const isPage = (text: string): boolean => /<html|<!doctype|^\s*error code: 1\d{3}\s*$/i.test(text);

/** The words of web frameworks for an unknown path. */
const ROUTE = /\b(route|path|url|uri|page|static resource|endpoint not found)\b|cannot (post|get)|unexpected endpoint/i;
const NOT_FOUND = /not (be )?found|no such|not exist|cannot find|unknown|\b(route|path|url|page|resource|endpoint)\b/i;

/**
 * True if a refusal with the status 404 means that a model, a deployment or the endpoint of a model is missing. The message of a web
 * framework for an unknown path does not mean that, although the path itself may contain the word “model”. An error of a model server
 * that does not say what is missing probably means the model.
 */
function isAboutModel({
  words,
  isError,
  codes,
}: {
  words: string;
  isError: boolean;
  codes: readonly string[];
}): boolean {
  if (isPage(words)) return false;
  if (codes.some((code) => /model|deployment/i.test(code))) return true;
  if (ROUTE.test(words)) return /(?<![\w/])models?(?![\w/])/i.test(words);
  if (/model|no endpoints? found|endpoint ['"`]?(ep-|[\w.-]*\d)|requested entity/i.test(words)) return true;
  return isError && (/\bdeployment\b/i.test(words) || !NOT_FOUND.test(words));
}

interface Found {
  codes: string[];
  texts: string[];
  status?: number;
  retryAfterMs?: number;
  isError: boolean;
  isDailyQuota: boolean;
  /** Google names the limits that were exceeded, and all of them are per minute. */
  isMinuteQuota?: boolean;
}

/** The names of fields, in lower case and without underscores. */
const CODE_FIELDS =
  /^(reason|code|type|status|errno|(http|original)?status(code)?|httpcode|err(or)?(code|type|num|no)|quotaid)$/;
const TEXT_FIELDS =
  /^(message|msg|detail|title|error|data|(err|error|status)(msg|message)|errordescription|errorinfo|description|faultstring|raw)$/;
const INNER_FIELDS =
  /(error|errors|exception|fault)$|^(message|details?|metadata|violations|baseresp|data|result|response|output|delta|header|body|payload|status)$/;
const ERROR_NAME = /(error|exception)$/;

/** Collects codes and texts from a body, at most a few levels deep. */
function collect(document: unknown): Found {
  const found: Found = { codes: [], texts: [], isError: false, isDailyQuota: false };
  visit(document, 0, found);
  return found;
}

function visit(value: unknown, depth: number, found: Found): void {
  if (depth > 6) return;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, 8)) visit(item, depth + 1, found);
    return;
  }
  if (typeof value === 'string') return void found.texts.push(value.slice(0, 1000));
  if (!isRecord(value)) return;
  if (own(value, 'error') != null || own(value, 'errors') != null || own(value, 'object') === 'error')
    found.isError = true;
  found.retryAfterMs ??= waitInRecord(value, Date.now());
  const fields = Object.entries(value)
    .slice(0, 60)
    .map(([given, field]) => [given.toLowerCase().replaceAll(/[_-]/g, ''), field, given] as const);
  for (const [name, field, given] of fields) {
    if (CODE_FIELDS.test(name)) for (const code of listOf(field)) takeCode(name, code, found);
    else if (name === 'error' && typeof field === 'number') takeCode(name, field, found);
    if (TEXT_FIELDS.test(name) && typeof field === 'string') found.texts.push(field.slice(0, 1000));
    if (ERROR_NAME.test(name) && isRecord(field)) found.codes.push(given.slice(0, 100));
  }
  // FastChat puts the message of an error into the field for the words of an answer.
  if (found.texts.length === 0) found.texts.push(stringIn(value, 'text')?.slice(0, 1000) ?? '');
  for (const [name, field] of fields)
    if (INNER_FIELDS.test(name) && typeof field === 'object') visit(field, depth + 1, found);
}

function takeCode(name: string, code: unknown, found: Found): void {
  if (typeof code === 'string') {
    found.codes.push(code.slice(0, 100));
    if (name === 'quotaid') {
      if (/perday/i.test(code)) found.isDailyQuota = true;
      found.isMinuteQuota = found.isMinuteQuota !== false && /perminute/i.test(code);
    }
  }
  const number = typeof code === 'string' && /^\d{3,4}$/.test(code) ? Number(code) : code;
  if (typeof number === 'number' && number >= 400 && number < 600) found.status ??= number;
  else if (typeof number === 'number') found.codes.push(String(number));
}
