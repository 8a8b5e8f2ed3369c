import type { CancelAnswer, StartAnswer, StartRequest } from '../../shared/stream.ts';
import { backoffMs } from './backoff.ts';
import { streamUrls } from './stream-backend.ts';
import type { StreamEnvironment } from './stream-environment.ts';
import { errorOfResponse, StreamError } from './stream-error.ts';

const TRIES = 5;
/** A request without an answer after this time is repeated. */
const ANSWER_MS = 20_000;

/**
 * Starts a stream. If the network fails or the server is restarting, the start is repeated. That is safe: the same message id
 * in the same chat is the same stream (PROTOCOL.md 5.3).
 *
 * @throws StreamError
 */
export async function postStart(request: StartRequest, environment: StreamEnvironment): Promise<StartAnswer> {
  const response = await persistently(environment, () =>
    environment.fetch(urlsOf(environment).start, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(ANSWER_MS),
    }),
  );
  return (await response.json()) as StartAnswer;
}

/**
 * Ends a stream, wherever it is written. It can be repeated.
 *
 * @throws StreamError
 */
export async function requestCancel(streamId: string, environment: StreamEnvironment): Promise<CancelAnswer> {
  const response = await persistently(environment, () =>
    environment.fetch(urlsOf(environment).cancel(streamId), {
      method: 'DELETE',
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(ANSWER_MS),
    }),
  );
  return (await response.json()) as CancelAnswer;
}

const urlsOf = (environment: StreamEnvironment) => environment.urls?.() ?? streamUrls();

async function persistently(environment: StreamEnvironment, request: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const { response, error } = await attemptOnce(request);
    if (response?.ok) return response;
    if (attempt === TRIES || !isWorthAnother(response, attempt)) {
      if (response) throw await errorOfResponse(response);
      throw new StreamError('network_error', 'The server cannot be reached. Please check the connection.', null, error);
    }
    if (response?.status === 401) await environment.refreshSession();
    else await pause(environment, response, attempt);
  }
}

async function attemptOnce(request: () => Promise<Response>): Promise<{ response?: Response; error?: unknown }> {
  try {
    return { response: await request() };
  } catch (error) {
    return { error };
  }
}

function isWorthAnother(response: Response | undefined, attempt: number): boolean {
  if (!response || response.status === 502 || response.status === 503) return true;
  return response.status === 401 && attempt === 1;
}

function pause(environment: StreamEnvironment, response: Response | undefined, attempt: number): Promise<void> {
  const retryAfterMs = Number(response?.headers.get('Retry-After') ?? 0) * 1000;
  const ms = Math.max(retryAfterMs || 0, backoffMs(attempt, environment.random()));
  return new Promise((resolve) => void environment.later(resolve, ms));
}
