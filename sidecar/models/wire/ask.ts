import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { WireFailure, wireFailureIn, type Failure } from './failures/failure.ts';
import { parseJson } from './body/json.ts';
import { readFailure } from './failures/read-failure.ts';
import type { Post, Reply } from './transport.ts';

/** Why a request is sent again, and after what pause. */
export interface RetryWait {
  reason: 'rate-limited' | 'overloaded' | 'failed';
  ms: number;
}

export interface AskOptions {
  post: (post: Post) => Promise<Reply>;
  maxRetries: number;
  onWait(wait: RetryWait): void;
}

/** If the pause before the next try would be longer than this, there is no next try, because a person is waiting. */
const MAX_WAIT_MS = 20_000;
const FIRST_PAUSE_MS = 1000;
const MAX_ERROR_BODY_BYTES = 64 * 1024;
const ERROR_BODY_MS = 3000;

/**
 * Sends one request. It is sent again only if it failed before a successful response began and another try may help. Tries
 * never overlap, and an aborted request is not sent again.
 *
 * @returns a reply with a 2xx status
 * @throws WireFailure, or an abort error if the request was aborted
 */
export async function ask(request: Post, { post, maxRetries, onWait }: AskOptions): Promise<Reply> {
  for (let tries = 0; ; tries += 1) {
    let failure: Failure;
    try {
      const reply = await post(request);
      if (reply.status >= 200 && reply.status < 300) return reply;
      failure = await readFailedReply(reply);
    } catch (error) {
      if (request.signal.aborted) throw error;
      failure = wireFailureIn(error)?.failure ?? networkFailure(error);
    }
    const reason = reasonToRetry(failure);
    const ms = failure.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** tries;
    if (reason === null || tries >= maxRetries || ms > MAX_WAIT_MS) throw new WireFailure(failure);
    onWait({ reason, ms });
    await delay(ms, undefined, { signal: request.signal });
  }
}

function reasonToRetry({ code, blames, isHanging }: Failure): RetryWait['reason'] | null {
  // A server that refuses the offered tools, or the partial answer that it was asked to continue, will refuse them again. A server
  // that does not even end its refusal would only make the person wait longer.
  if (blames || isHanging) return null;
  switch (code) {
    case 'provider_rate_limited':
      return 'rate-limited';
    case 'provider_overloaded':
      return 'overloaded';
    case 'provider_failed':
    case 'connection_lost':
    case 'unreachable':
      return 'failed';
    default:
      return null;
  }
}

async function readFailedReply({ status, headers, body }: Reply): Promise<Failure> {
  const { text, isWhole } = await readSome(body);
  const failure = readFailure({ status, document: parseJson(text), text, headers });
  return isWhole ? failure : { ...failure, isHanging: true };
}

/** Reads the beginning of a body, for a limited time, because some servers never end the body of an error. */
async function readSome(body: Readable): Promise<{ text: string; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let isWhole = true;
  const timer = setTimeout(() => {
    isWhole = false;
    body.destroy();
  }, ERROR_BODY_MS);
  try {
    for await (const part of body as AsyncIterable<Uint8Array>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_ERROR_BODY_BYTES) break;
    }
  } catch {
    // The part that has arrived is enough.
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
  return { text: Buffer.concat(parts).toString('utf8'), isWhole };
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'EPROTO',
]);

/** A failure without a reply. `detail` is the error code of Node. */
function networkFailure(error: unknown): Failure {
  const codes: string[] = [];
  let isNotHttp = false;
  const visit = (cause: unknown, depth: number): void => {
    if (!(cause instanceof Error) || depth > 5) return;
    isNotHttp ||= cause.name === 'HTTPParserError';
    if ('code' in cause && typeof cause.code === 'string') codes.push(cause.code);
    if (cause instanceof AggregateError) cause.errors.slice(0, 4).forEach((inner) => visit(inner, depth + 1));
    visit(cause.cause, depth + 1);
  };
  visit(error, 0);
  const unreachable = codes.find((code) => UNREACHABLE.has(code) || code.startsWith('ERR_SSL'));
  // HPE_… means that the reply is not HTTP, so the configured address is that of another kind of server.
  if (isNotHttp || codes.some((code) => code.startsWith('HPE_')))
    return { code: 'not_a_model_server', detail: codes[0] };
  return unreachable === undefined
    ? { code: 'connection_lost', detail: codes[0] }
    : { code: 'unreachable', detail: unreachable };
}
