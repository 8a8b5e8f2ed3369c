import type { StreamErrorCode } from '../../../../shared/stream/stream-errors.ts';
import { blameIn, findByWords, findCode } from './error-codes.ts';
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
  if (cause) return { ...base, ...cause };
  if (found.isDailyQuota) return { ...base, code: 'quota_used_up' };
  const byStatus = effective === undefined ? undefined : byHttpStatus(effective, { words, isError: found.isError });
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

/** A general class such as "invalid request" says less than the words of the message. Any other class says more. */
const strongerOf = (byClass: StreamErrorCode, byWords: StreamErrorCode): StreamErrorCode =>
  byClass === 'request_refused' || byClass === 'provider_failed' ? byWords : byClass;

/** @param isError the body is JSON and has an error in the form that model servers use */
function byHttpStatus(
  status: number,
  { words, isError }: { words: string; isError: boolean },
): StreamErrorCode | undefined {
  const byWords = findByWords(words);
  switch (status) {
    case 401:
      return byWords === 'quota_used_up' ? byWords : 'key_refused';
    case 402:
      return 'quota_used_up';
    case 403:
      if (byWords === 'content_refused' || byWords === 'account_refused' || byWords === 'quota_used_up') return byWords;
      return isPage(words) ? 'not_a_model_server' : 'key_refused';
    case 404:
      if (byWords === 'model_missing') return byWords;
      return isError && byWords !== 'not_a_model_server' && !NOT_FOUND.test(words)
        ? 'model_missing'
        : 'not_a_model_server';
    case 405:
    case 406:
    case 407:
    case 411:
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
    case 503:
    case 529:
      return 'provider_overloaded';
    default:
  }
  if (status >= 300 && status < 400) return 'not_a_model_server';
  if (status >= 500) {
    // Self-hosted servers answer 500 also where others answer 400, 404 or 503, so the words of the message say more than the status.
    const isKnown =
      byWords === 'conversation_too_long' || byWords === 'model_missing' || byWords === 'provider_overloaded';
    return isKnown ? byWords : 'provider_failed';
  }
  return byWords;
}

const isPage = (text: string): boolean => /<html|<!doctype/i.test(text);

/** The message of a web framework for an unknown path. If a model is missing, the message of a model server names the model. */
const NOT_FOUND = /^\s*(?:file |page |route |path |resource )?not found[.!]?\s*$/i;

interface Found {
  codes: string[];
  texts: string[];
  status?: number;
  retryAfterMs?: number;
  isError: boolean;
  isDailyQuota: boolean;
}

const CODE_FIELDS = [
  'reason',
  'code',
  'type',
  'status',
  'statusCode',
  'status_code',
  'error_code',
  'errorCode',
  'errcode',
  'error_type',
  'errorcode',
  '__type',
  'quotaId',
];
const TEXT_FIELDS = [
  'message',
  'Message',
  'msg',
  'detail',
  'error',
  'error_msg',
  'errmsg',
  'status_msg',
  'error_message',
  'errorMessage',
  'error_description',
  'description',
  'faultstring',
  'raw',
];
const INNER_FIELDS = [
  'error',
  'errors',
  'Error',
  'message',
  'details',
  'detail',
  'innererror',
  'inner_error',
  'metadata',
  'violations',
  'fault',
  'base_resp',
  'data',
  'result',
  'response',
  'delta',
];

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
  for (const name of CODE_FIELDS) {
    for (const code of listOf(own(value, name))) {
      if (typeof code === 'string') {
        found.codes.push(code.slice(0, 100));
        if (name === 'quotaId' && /perday/i.test(code)) found.isDailyQuota = true;
      }
      const number = typeof code === 'string' && /^\d{3,4}$/.test(code) ? Number(code) : code;
      if (typeof number === 'number' && number >= 400 && number < 600) found.status ??= number;
      else if (typeof number === 'number') found.codes.push(String(number));
    }
  }
  for (const name of TEXT_FIELDS) {
    const text = stringIn(value, name);
    if (text !== undefined) found.texts.push(text.slice(0, 1000));
  }
  found.retryAfterMs ??= waitInRecord(value, Date.now());
  for (const name of INNER_FIELDS) {
    const inner = own(value, name);
    if (typeof inner === 'object') visit(inner, depth + 1, found);
  }
}
