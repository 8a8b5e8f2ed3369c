import type { z } from 'zod';
import { RejoinError } from '../../shared/errors.ts';
import { parseJsonBody, parseRequest } from '../../shared/parse-request.ts';
import { config } from '~/process/config.server.ts';

/**
 * The body of a request, parsed by its schema. It is read as JSON whatever its content type says (`curl -d` says that it
 * is a form), and an empty body as `{}`. Throws `request_too_large`, `malformed_json`, `invalid_request`.
 */
export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const text = await readText(request, config().maxRequestBytes);
  return parseRequest(schema, parseJsonBody(text) ?? {});
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new RejoinError('request_too_large', { detail: `A request may have at most ${maxBytes} bytes.` });
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  if (!request.body) return '';
  // Read by hand: to leave a loop over the body would destroy the connection before the caller has its answer.
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return decodeUtf8(Buffer.concat(chunks));
    bytes += value.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(value);
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RejoinError('malformed_json', { detail: 'The body is not UTF-8.', cause });
  }
}
