import type { z } from 'zod';
import { RejoinError } from '../../shared/errors.ts';
import { config } from '~/process/config.server.ts';

/**
 * The body of a request by its schema, read as JSON whatever its content type says (`curl -d` says it is a form). An
 * empty body is read as `{}`. Throws `request_too_large`, `malformed_json`, `invalid_request`.
 */
export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const text = await readText(request, config().maxRequestBytes);
  return parseBody(schema, text.trim() === '' ? {} : parseJson(text));
}

/** Throws `invalid_request`, which names the first field that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.map(String).join('.');
  throw new RejoinError('invalid_request', { detail: where ? `${where}: ${issue?.message}` : issue?.message });
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own message may quote the body, so it is not passed on.
    throw new RejoinError('malformed_json', { cause });
  }
}
