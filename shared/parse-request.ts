import type { z } from 'zod';
import { ERRORS, RejoinError, type ErrorCode } from './errors.ts';
import { jsonDepth, MAX_JSON_DEPTH } from './json-depth.ts';

/**
 * Throws `unsupported_media_type` for a body that is certainly not JSON, or is compressed. JSON is also accepted with
 * the default content types of common clients: `curl -d` declares a form, and `fetch` declares plain text.
 */
export function assertJsonType(headers: { contentType?: string | null; contentEncoding?: string | null }): void {
  const type = (headers.contentType ?? '').split(';')[0]!.trim().toLowerCase();
  const encoding = (headers.contentEncoding ?? '').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity')
    throw new RejoinError('unsupported_media_type', {
      detail: `Send the body without Content-Encoding "${encoding.slice(0, 32)}".`,
      headers: { 'accept-encoding': 'identity' },
    });
  if (!ACCEPTED_AS_JSON.test(type))
    throw new RejoinError('unsupported_media_type', {
      detail: 'Send JSON, with "Content-Type: application/json".',
      headers: { accept: 'application/json' },
    });
}

const ACCEPTED_AS_JSON =
  /^(?:|application\/(?:[\w.-]+\+)?json|text\/(?:json|plain)|application\/x-www-form-urlencoded)$/;

/**
 * The body of a request as a JSON value; `undefined` if the body is empty or `null`. Throws `malformed_json`, or
 * `invalid_request` if the body is nested too deeply.
 */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (jsonDepth(text) > MAX_JSON_DEPTH) {
    throw new RejoinError('invalid_request', {
      detail: `Lists and objects may be nested at most ${MAX_JSON_DEPTH} deep.`,
    });
  }
  try {
    return JSON.parse(text) ?? undefined;
  } catch (cause) {
    // The message of the parser can quote the body, so the client does not get this message.
    throw new RejoinError('malformed_json', { detail: 'Send one JSON value, in UTF-8.', cause });
  }
}

const MAX_ISSUES = 5;

const codes = new WeakMap<z.ZodType, ErrorCode>();

/** Makes {@link parseRequest} throw this code, instead of `invalid_request`, for values that do not fit the schema. */
export function respondsWith<Schema extends z.ZodType>(code: ErrorCode, schema: Schema): Schema {
  codes.set(schema, code);
  return schema;
}

/**
 * Returns the parsed value, or throws an error with the first problems and the paths of their fields. The code of the
 * error is `params.code` of the first failed check, otherwise the code from {@link respondsWith}, otherwise `invalid_request`.
 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const { path, message } = issues[0]!;
  throw new RejoinError(codeIn(parsed.error.issues[0]!) ?? codes.get(schema) ?? 'invalid_request', {
    detail: path === '' ? message : `${path}: ${message}`,
    extra: { issues },
  });
}

function codeIn(issue: z.core.$ZodIssue): ErrorCode | undefined {
  const code: unknown = issue.code === 'custom' ? issue.params?.code : undefined;
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : undefined;
}
