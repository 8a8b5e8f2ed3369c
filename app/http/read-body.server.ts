import type { z } from 'zod';
import { RejoinError } from '../../shared/errors.ts';
import { assertJsonType, parseJsonBody, parseRequest } from '../../shared/parse-request.ts';
import { withWholeBody } from './whole-body.server.ts';

/**
 * The body of a request, parsed with `schema`. An empty body is read as `{}`. Throws `unsupported_media_type`, `malformed_json`,
 * `invalid_request`, and the errors of `withWholeBody`.
 */
export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const { headers } = request;
  if (request.body) {
    assertJsonType({
      contentType: headers.get('content-type'),
      contentEncoding: headers.get('content-encoding'),
    });
  }
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
