import { firstText, isRecord, listOf, own, recordIn, type JsonRecord } from '../body/json.ts';

const ERROR_FIELDS = ['error', 'errors', 'Error', 'ERROR', 'fault', 'exception'];
const MESSAGE_FIELDS = ['message', 'msg', 'Message', 'error_message', 'errorMessage', 'error_description'];
/** In a record with the field `error_code`, the message of the error is in one of these fields. */
const ERROR_MESSAGE_FIELDS = ['error_msg', 'error_message', 'errorMessage', 'errmsg', 'status_msg'];
const CODE_FIELDS = ['code', 'status', 'statusCode', 'status_code', 'error_code', 'errorCode', 'errcode', '__type'];
/** Some servers report a failure in a record in one of these fields of the document. */
const INNER_FIELDS = ['x_groq', 'data', 'result', 'response', 'output', 'base_resp', 'delta', 'message'];
const ERROR_EVENTS = /^(error|exception|fault)$/i;

/**
 * The record that reports a failure, or `undefined` if the document reports none. `{"error": null}`, which some servers send
 * with every frame, reports none. These documents report a failure:
 *
 *     {"error": "llama runner process has terminated"}
 *     {"error": {"message": "…", "code": "…"}}      {"errors": [{"message": "…"}]}
 *     {"object": "error", "message": "…"}           {"type": "error", "error": {…}}
 *     {"detail": "…"}                               {"code": "InvalidParameter", "message": "…"}
 *     {"statusCode": 500, "message": "…"}           {"base_resp": {"status_code": 1008, "status_msg": "…"}}
 */
export function errorIn(document: JsonRecord, event: string | undefined): unknown {
  const choices = listOf(own(document, 'choices'));
  const given = givenError(document, 0);
  if (given !== undefined) return given;
  for (const choice of choices) {
    const failure = isRecord(choice) ? givenError(choice, 0) : undefined;
    if (failure !== undefined) return failure;
  }
  const hasAnswer = choices.length > 0 || listOf(own(document, 'candidates')).length > 0;
  return hasAnswer ? undefined : bareError(document, event);
}

export const isErrorEvent = (event: string | undefined): boolean => event !== undefined && ERROR_EVENTS.test(event);

/** Looks for an error in the fields of `record` and of the records in its {@link INNER_FIELDS}. Returns the record with the error. */
function givenError(record: JsonRecord, depth: number): unknown {
  for (const name of ERROR_FIELDS) if (isFailure(own(record, name))) return record;
  if (depth > 0) return undefined;
  for (const name of INNER_FIELDS) {
    const inner = recordIn(record, name);
    const failure = inner && givenError(inner, depth + 1);
    if (failure !== undefined) return failure;
  }
  const base = recordIn(record, 'base_resp');
  return base && isNonZero(own(base, 'status_code')) ? base : undefined;
}

/** The document itself, if it is an error. */
function bareError(document: JsonRecord, event: string | undefined): unknown {
  if (own(document, 'object') === 'error' || own(document, 'type') === 'error' || isErrorEvent(event)) return document;
  if (own(document, 'success') === false || own(document, 'status') === 'error') return document;
  if (firstText(document, ERROR_MESSAGE_FIELDS) !== undefined && isNonZero(own(document, 'error_code')))
    return document;
  const detail = own(document, 'detail');
  if (detail != null) return document;
  const message = firstText(document, MESSAGE_FIELDS);
  return message !== undefined && CODE_FIELDS.some((name) => isErrorCode(own(document, name))) ? document : undefined;
}

const isErrorCode = (code: unknown): boolean =>
  (typeof code === 'string' && code !== '' && !HARMLESS.test(code)) || (typeof code === 'number' && code >= 400);

/** Codes and states that report no failure. */
const HARMLESS = /^(0|2\d\d|ok|success|queued|pending|processing|in_progress|loading|running|info)$/i;

const isNonZero = (code: unknown): boolean =>
  (typeof code === 'number' && code !== 0) || (typeof code === 'string' && !/^0*$/.test(code));

const isFailure = (error: unknown): boolean =>
  (typeof error === 'string' && error !== '' && error !== 'null') ||
  error === true ||
  (Array.isArray(error) ? error.length > 0 : isRecord(error) && Object.keys(error).length > 0);
