import { isRecord, listOf, own, recordIn, stringIn, type JsonRecord } from '../body/json.ts';
import { findCode } from './error-codes.ts';

/** A document that reports a failure. */
export interface ErrorReport {
  document: unknown;
  /**
   * True if the form of the report is known: an `error` field, or an event named `error`. Any other failure may be that of a tool or a
   * search, so the answer fails only if it does not go on well.
   */
  isSure: boolean;
  /** The failure is that of a tool or a search. */
  isSide?: boolean;
}

const ERROR_FIELDS = ['error', 'errors', 'Error', 'ERROR', 'fault', 'exception'];
/** Some servers report a failure in a record in one of these fields of the document. */
const INNER_FIELDS = ['x_groq', 'data', 'result', 'response', 'output', 'base_resp', 'delta', 'message'];

/**
 * The record that reports a failure, or `undefined` if the document reports none. `{"error": null}`, which some servers send
 * with every frame, reports none. These documents report a failure:
 *
 *     {"error": "llama runner process has terminated"}
 *     {"error": {"message": "…", "code": "…"}}      {"errors": [{"message": "…"}]}
 *     {"object": "error", "message": "…"}           {"type": "error", "error": {…}}
 *     {"detail": "…"}                               {"code": "InvalidParameter", "message": "…"}
 *     {"statusCode": 500, "message": "…"}           {"base_resp": {"status_code": 1008, "status_msg": "…"}}
 *     {"throttlingException": {"message": "…"}}     {"type": "response.failed"}     {"success": "false"}
 *
 * @param kind `empty`: the document has no part of the answer and no reason; `end`: it has no words, thoughts or tool calls, but a
 *   reason; `content`: it has any of these. A document with content is not searched for unusual forms of failures, because the search
 *   takes time.
 */
export function errorIn(
  document: JsonRecord,
  event: string | undefined,
  kind: 'content' | 'end' | 'empty',
): ErrorReport | undefined {
  const given = givenError(document, 0);
  if (given !== undefined) return { document: given, isSure: true };
  if (event !== undefined && isErrorEvent(event))
    return isSureEvent(event) ? { document, isSure: true } : { document, isSure: false, isSide: true };
  const isAtEnd = kind === 'end';
  for (const choice of listOf(own(document, 'choices'))) {
    if (!isRecord(choice)) continue;
    const sure = givenError(choice, 0);
    if (sure !== undefined) return { document: sure, isSure: true };
    const failure = kind === 'content' ? undefined : unusualError(choice, 1);
    if (failure !== undefined) return { document: failure, isSure: isAtEnd };
  }
  if (kind === 'content') return errorFields(document);
  const failure = unusualError(document, 0);
  return failure && { document: failure, isSure: isAtEnd, isSide: isOfTool(document) };
}

/** True for `{"type": "tool_result", …}` and `{"type": "web_search_call", …}`. */
const isOfTool = (document: JsonRecord): boolean =>
  ['type', 'event', 'object'].some((name) => /tool|search|call|retriev/i.test(stringIn(document, name) ?? ''));

/** The usual names for the code and the message of an error beside the content. */
function errorFields(document: JsonRecord): ErrorReport | undefined {
  const code = ERROR_CODES.map((name) => own(document, name)).find((value) => value != null);
  const isError = code === undefined ? ERROR_TEXTS.some((name) => isTelling(own(document, name))) : isNonZero(code);
  return isError ? { document, isSure: true } : undefined;
}

const ERROR_CODES = ['error_code', 'errorCode', 'errcode'];
const ERROR_TEXTS = ['error_msg', 'error_message', 'errorMessage', 'errmsg'];

/** True if the name of a server-sent event reports a failure: `error`, `stream_error`, `response.failed`. */
export const isErrorEvent = (event: string | undefined): boolean =>
  event !== undefined && (saysFailure(event) || /(?<!de)fault$/i.test(event));

/** True if the event reports a failure of the answer itself, and not of a tool or a search. */
const isSureEvent = (event: string): boolean =>
  /^(response|stream|chat|completion|message|server|model)?[._-]?(error|errors|fail|failed|failure|fatal|exception|fault)$/i.test(
    event,
  );

/** True if the name of a server-sent event says that the answer was stopped: `timeout`, `aborted`. */
export const isStopEvent = (event: string | undefined): boolean => event !== undefined && STOPPED.test(event);

/** Looks for an error in the fields of `record` and of the records in its {@link INNER_FIELDS}. Returns the record with the error. */
function givenError(record: JsonRecord, depth: number): unknown {
  for (const name of ERROR_FIELDS) {
    const error = own(record, name);
    if (error != null && (isFailure(error) || isNonZero(error))) return record;
  }
  if (depth > 0) return undefined;
  for (const name of INNER_FIELDS) {
    const inner = recordIn(record, name);
    const failure = inner && givenError(inner, depth + 1);
    if (failure !== undefined) return failure;
  }
  const base = recordIn(record, 'base_resp');
  return base && isNonZero(own(base, 'status_code')) ? base : undefined;
}

/** The names of fields in {@link unusualError} and {@link isUnclear}: in lower case, without underscores and hyphens. */
const canonical = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');

const NAMES = {
  /** `last_error`, `internalServerException`, but not `default` */
  error: /(error|errors|exception|(?<!de)fault)$/,
  errorCode: /^err(or)?(code|no|num|number|status)$/,
  errorText:
    /^(err(or)?|exception)(msg|message|type|class|name|desc|description|info|details?|reason|text)$|^stacktrace$|^traceback$/,
  /** Fields that say what kind of frame this is, or how the answer goes. */
  kind: /^(status|type|event|object|result|state|kind)$/,
  code: /^((ret|return|result)?code|status|ret|(http)?statuscode|http(status|code))$/,
  flag: /^(is)?(success|successful|succeeded|ok)$/,
  text: /^(message|msg|statusmsg|detail|title|text|reason|description|info|data)$/,
  inner: /^(header|data|result|response|output|body|payload|meta|message|status|baseresp)$/,
};

/** The record that is an error in a form that is not known beforehand. */
function unusualError(record: JsonRecord, depth: number): JsonRecord | undefined {
  const fields = fieldsOf(record);
  const isNotice = fields.some(([name, value]) => NAMES.kind.test(name) && isHarmlessKind(value));
  const hasAnswer = Object.hasOwn(record, 'choices') || Object.hasOwn(record, 'candidates');
  // A code of success says more than any message beside it.
  const isSuccess = fields.some(([name, value]) => NAMES.errorCode.test(name) && isSuccessCode(value));
  for (const [name, value] of fields) {
    // `retry_on_error: true` is a setting.
    if (NAMES.error.test(name) && value !== true && isFailure(value)) return record;
    if (NAMES.errorCode.test(name) && isNonZero(value)) return record;
    if (NAMES.errorText.test(name) && !isSuccess && (isTelling(value) || isFailure(value))) return record;
    if ((NAMES.kind.test(name) || name === 'code') && isFewWords(value) && saysFailure(value)) return record;
    if (NAMES.flag.test(name) && (value === false || /^(false|no)$/i.test(String(value)))) return record;
    if (NAMES.code.test(name) && isErrorCode(value, { fields, hasAnswer })) return record;
    if (name === 'detail' && !isNotice && !hasAnswer && (isTelling(value) || isFailure(value))) return record;
    if (depth === 0 && NAMES.inner.test(name) && isRecord(value)) {
      const inner = unusualError(value, depth + 1);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/**
 * @param fields the fields of the record that contains the code
 * @param hasAnswer the record contains the answer, too
 */
function isErrorCode(code: unknown, { fields, hasAnswer }: { fields: readonly Field[]; hasAnswer: boolean }): boolean {
  const texts = fields.flatMap(([name, value]) => (NAMES.text.test(name) ? [value] : []));
  const hasMessage = texts.some(isTelling);
  const number = typeof code === 'string' && /^-?\d{1,9}$/.test(code) ? Number(code) : code;
  if (typeof number === 'number') {
    if (number === 0 || isHttpSuccess(number)) return false;
    // Some servers have codes of their own for success, such as 20000.
    if (number >= 600 && (hasAnswer || !hasMessage)) return false;
    if (number < 0 || number >= 400) return hasMessage || !texts.some(isNothing);
    // gRPC has codes from 1 to 16, and sends a list of details with them.
    return fields.some(([name, value]) => name === 'details' && Array.isArray(value)) || texts.some(saysFailure);
  }
  if (typeof code !== 'string' || !hasMessage) return false;
  return ERROR_CODE.test(code) || findCode([code], 'causes') !== undefined || findCode([code], 'classes') !== undefined;
}

const ERROR_CODE =
  /error|fail|invalid|denied|exceed|unavailable|timeout|timed.?out|limit|exhaust|not.?found|forbidden|unauthori|reject|refus|quota|overload|busy|throttl|insufficient|unsupported|blocked|violat/i;

/**
 * True if it is unclear whether the answer can go on after this document: it contains a message or a code, and nothing shows that it
 * is harmless. If the response ends after such a document without a reason to finish, the answer may be incomplete.
 */
export function isUnclear(document: JsonRecord, event: string | undefined): boolean {
  if (event !== undefined && STOPPED.test(event)) return true;
  const fields = fieldsOf(document);
  const kinds = fields.filter(([name]) => NAMES.kind.test(name)).map(([, value]) => value);
  if (kinds.some((kind) => typeof kind === 'string' && STOPPED.test(kind))) return true;
  if (kinds.some(isHarmlessKind)) return false;
  const texts = fields.flatMap(([name, value]) => (NAMES.text.test(name) ? [value] : []));
  if (texts.length > 0) return texts.some((text) => isTelling(text) && !isHarmlessKind(text));
  return fields.some(([name, value]) => NAMES.code.test(name) && isNonZero(value));
}

/** True if a message beside the counts of tokens says that the answer was stopped. */
export const isStopMessage = (document: JsonRecord): boolean =>
  fieldsOf(document).some(([name, value]) => NAMES.text.test(name) && typeof value === 'string' && STOPPED.test(value));

/** True if a line that is not JSON may report the end of the answer: `worker died`, `upstream connect error`. */
export const isUnclearText = (text: string): boolean =>
  saysFailure(text) ||
  STOPPED.test(text) ||
  /\b(died|lost|closed|reset|unavailable|refused)\b|<html|<!doctype|fehler|错误|失败|异常|超时|中断/i.test(text);

const STOPPED = /incomplete|abort|cancel|kill|terminat|time(d[ _-]?)?out|interrupt|disconnect|crash/i;

/** The kinds of frames that tell how the work goes, and the words for its end. */
const HARMLESS = new Set(
  'progress status ping pong info heartbeat keepalive alive metadata meta log debug notice usage metrics stats timing timings summary citation citations source sources search title queued queue pending processing loading running started start starting thinking generating warming warmup done end ended finish finished complete completed success succeeded ok'.split(
    ' ',
  ),
);

const isHarmlessKind = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.length < 60 &&
  value
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => HARMLESS.has(word));

type Field = [name: string, value: unknown];

/** The fields of a record with canonical names, without those that are empty. */
const fieldsOf = (record: JsonRecord): Field[] =>
  Object.entries(record)
    .slice(0, 60)
    .filter(([, value]) => value != null && value !== '')
    .map(([name, value]) => [canonical(name), value]);

/** True for `response.failed`, `InternalServerError` and `stream error`; false for `no_error` and `failover`. */
function saysFailure(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const words = value.slice(0, 300).replaceAll(/([a-z])([A-Z])/g, '$1 $2');
  return (
    /(?<![a-z])(error|errors|errored|fail|fails|failed|failure|exception|fatal)(?![a-z])|(error|exception)$/i.test(
      words,
    ) && !/\b(no|non|without|zero)[\s_-]*(error|fail|exception)/i.test(words)
  );
}

/** False for a sentence, such as `Searching for error messages`. */
const isFewWords = (value: unknown): boolean => typeof value === 'string' && value.trim().split(/\s+/).length <= 3;

/** Words with which servers say that there is no error. */
const NOTHING =
  /^((null|none|nil|undefined|false|0|ok|okay|no[ _]?errors?|n\/a|\{\}|\[\])?|([a-z]+ )?succe(ss|eded|ssful|ssfully)|\S{0,6}成功)[.!。！]?$/i;

const isNothing = (value: unknown): boolean => typeof value === 'string' && NOTHING.test(value.trim());
const isTelling = (value: unknown): boolean => typeof value === 'string' && !isNothing(value);
const isHttpSuccess = (code: number): boolean => code >= 200 && code < 300;

/** True for a code that is neither zero nor a success. */
const isNonZero = (code: unknown): boolean =>
  (typeof code === 'number' && code !== 0 && !isHttpSuccess(code)) ||
  (typeof code === 'string' && !/^(0*|2\d\d)$/.test(code) && !isNothing(code));

/** True if the value of an `error` field reports a failure. A record or a list of empty values reports none. */
function isFailure(error: unknown, depth = 0): boolean {
  if (typeof error === 'string') return isTelling(error);
  if (depth > MAX_DEPTH) return true;
  if (Array.isArray(error)) return error.some((item) => isFailure(item, depth + 1));
  if (!isRecord(error)) return error === true;
  const codes = ['code', 'status', 'status_code'].map((name) => own(error, name));
  const message = stringIn(error, 'message') ?? stringIn(error, 'msg') ?? '';
  // A number of success decides, unless it is 0 and a message says otherwise.
  if (codes.some((code) => isSuccessCode(code)) && (isNothing(message) || codes.includes(200))) return false;
  return Object.entries(error).some(([name, value]) => {
    if (canonical(name).endsWith('id')) return false; // such as `request_id`
    if (typeof value === 'number') return isNonZero(value);
    return Array.isArray(value) ? value.length > 0 : isFailure(value, depth + 1);
  });
}

const MAX_DEPTH = 20;

const isSuccessCode = (code: unknown): boolean =>
  code === 0 ||
  code === '0' ||
  code === 200 ||
  code === '200' ||
  (typeof code === 'string' && /^(ok|success)$/i.test(code));
