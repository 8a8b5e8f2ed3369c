import type { z } from 'zod';
import { RejoinError } from '../../shared/errors.ts';
import { parseJsonBody, parseRequest } from '../../shared/parse-request.ts';
import { withWholeBody } from './whole-body.server.ts';

/**
 * The body of a request, parsed by its schema. It is read as JSON whatever its content type says (`curl -d` says that it
 * is a form), and an empty body as `{}`. Throws `request_too_large`, `malformed_json`, `invalid_request`.
 */
export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const whole = await withWholeBody(request);
  const text = decodeUtf8(new Uint8Array(await whole.arrayBuffer()));
  return parseRequest(schema, parseJsonBody(text) ?? {});
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RejoinError('malformed_json', { detail: 'The body is not UTF-8.', cause });
  }
}
