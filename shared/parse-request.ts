import type { z } from 'zod';
import { RejoinError } from './errors.ts';

/** The body of a request as a JSON value; `undefined` if it is empty or `null`. Throws `malformed_json`. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) ?? undefined;
  } catch (cause) {
    // The parser's message can quote the body, so it is not passed on.
    throw new RejoinError('malformed_json', { detail: 'Send one JSON value, in UTF-8.', cause });
  }
}

const MAX_ISSUES = 5;

/** A value that fits the schema. Throws `invalid_request` with the first problems, each with the path of its field. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const { path, message } = issues[0]!;
  throw new RejoinError('invalid_request', {
    detail: path === '' ? message : `${path}: ${message}`,
    extra: { issues },
  });
}
