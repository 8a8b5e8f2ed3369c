import { isRecord, listOf, own, recordIn, stringIn, type JsonRecord } from '../body/json.ts';
import { findCode } from './error-codes.ts';

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
 * @param isEmpty the document has no words, thoughts, tool calls or reason. Only such a document is searched for unusual forms of
 *   failures, because the search takes time.
 */
export function errorIn(document: JsonRecord, event: string | undefined, isEmpty: boolean): unknown {
  const given = givenError(document, 0);
  if (given !== undefined) return given;
  for (const choice of listOf(own(document, 'choices'))) {
    if (!isRecord(choice)) continue;
    const failure = givenError(choice, 0) ?? (isEmpty ? unusualError(choice, 1) : undefined);
    if (failure !== undefined) return failure;
  }
  if (!isEmpty) return undefined;
  return isErrorEvent(event) ? document : unusualError(document, 0);
}

/** True if the name of a server-sent event reports a failure: `error`, `stream_error`, `response.failed`. */
export const isErrorEvent = (event: string | undefined): boolean =>
  event !== undefined && /error|fail|exception|(?<!de)fault|fatal/i.test(event);

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
    /^(err(or)?|exception)(msg|message|type|class|name|desc|description|info|details?|reason|text)$|^(stack)?trace(back)?$/,
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
  for (const [name, value] of fields) {
    if (NAMES.error.test(name) && isFailure(value)) return record;
    if (NAMES.errorCode.test(name) && isNonZero(value)) return record;
    if (NAMES.errorText.test(name) && (isTelling(value) || isFailure(value))) return record;
    if ((NAMES.kind.test(name) || name === 'code') && isFewWords(value) && saysFailure(value)) return record;
    if (NAMES.flag.test(name) && (value === false || /^(false|no)$/i.test(String(value)))) return record;
    if (NAMES.code.test(name) && isErrorCode(value, fields)) return record;
    if (name === 'detail' && !isNotice && !hasAnswer && (isTelling(value) || isFailure(value))) return record;
    if (depth === 0 && NAMES.inner.test(name) && isRecord(value)) {
      const inner = unusualError(value, depth + 1);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** @param fields the fields of the record that contains the code */
function isErrorCode(code: unknown, fields: readonly Field[]): boolean {
  const texts = fields.flatMap(([name, value]) => (NAMES.text.test(name) ? [value] : []));
  const hasMessage = texts.some(isTelling);
  const number = typeof code === 'string' && /^-?\d{1,9}$/.test(code) ? Number(code) : code;
  if (typeof number === 'number') {
    if (number === 0 || isHttpSuccess(number)) return false;
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

/** True if a line that is not JSON may report the end of the answer: `worker died`, `upstream connect error`. */
export const isUnclearText = (text: string): boolean =>
  saysFailure(text) || STOPPED.test(text) || /\b(died|lost|closed|reset|unavailable|refused)\b/i.test(text);

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
const NOTHING = /^(null|none|nil|undefined|false|0|ok|okay|success|successful|no[ _]error|n\/a|\{\}|\[\])?[.!]?$/i;

const isNothing = (value: unknown): boolean => typeof value === 'string' && NOTHING.test(value.trim());
const isTelling = (value: unknown): boolean => typeof value === 'string' && !isNothing(value);
const isHttpSuccess = (code: number): boolean => code >= 200 && code < 300;

/** True for a code that is neither zero nor a success. */
const isNonZero = (code: unknown): boolean =>
  (typeof code === 'number' && code !== 0 && !isHttpSuccess(code)) ||
  (typeof code === 'string' && !/^(0*|2\d\d)$/.test(code) && !isNothing(code));

/** True if the value of an `error` field reports a failure. A record or a list of empty values reports none. */
function isFailure(error: unknown): boolean {
  if (typeof error === 'string') return isTelling(error);
  if (Array.isArray(error)) return error.some(isFailure);
  if (!isRecord(error)) return error === true;
  const isSuccess = ['code', 'status', 'status_code'].some((name) => isSuccessCode(own(error, name)));
  const message = stringIn(error, 'message') ?? stringIn(error, 'msg') ?? '';
  if (isSuccess && isNothing(message)) return false;
  return Object.entries(error).some(([name, value]) => {
    if (canonical(name).endsWith('id')) return false; // such as `request_id`
    if (typeof value === 'number') return isNonZero(value);
    return Array.isArray(value) ? value.length > 0 : isFailure(value);
  });
}

const isSuccessCode = (code: unknown): boolean =>
  code === 0 ||
  code === '0' ||
  code === 200 ||
  code === '200' ||
  (typeof code === 'string' && /^(ok|success)$/i.test(code));
