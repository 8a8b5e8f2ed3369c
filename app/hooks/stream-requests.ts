import type { CancelAnswer, StartAnswer, StartBody } from '../../shared/stream/stream.ts';
import { backoffMs } from './backoff.ts';
import { streamUrls } from './stream-backend.ts';
import type { StreamEnvironment } from './stream-environment.ts';
import { errorOfResponse, StreamError } from './stream-error.ts';

const TRIES = 5;
const CANCEL_TRIES = 120;
/** A request that is not answered in this time is tried again. */
const ANSWER_MS = 20_000;

/** Lets a person cancel a request that was not sent yet because the browser is offline. */
export interface CallOff {
  readonly cancelled: boolean;
  /** Runs `task` when the request is cancelled. Returns a function that removes `task` again. */
  onCancel(task: () => void): () => void;
}

export const calledOff = (): StreamError => new StreamError('called_off', 'The question was not sent.');

/**
 * Starts a stream. Waits while the browser is offline, and tries again if the network fails or the server is being
 * restarted. Requests with the same chat id and message id get the same stream, so a repeated request does no harm.
 *
 * @throws StreamError
 */
export async function postStart(
  request: StartBody,
  environment: StreamEnvironment,
  callOff?: CallOff,
): Promise<StartAnswer> {
  if (!environment.isOnline()) {
    await untilOnline(environment, callOff);
    // Nothing has been sent yet, so there is nothing to stop on the server.
    if (callOff?.cancelled) throw calledOff();
  }
  return persistently<StartAnswer>({
    environment,
    waitsOffline: true,
    request: (signal) =>
      environment.fetch(urlsOf(environment).start, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify(request),
        signal,
      }),
  });
}

/**
 * Ends a stream, whichever process writes the stream. Keeps trying for a quarter of an hour or longer.
 *
 * @throws StreamError
 */
export async function requestCancel(streamId: string, environment: StreamEnvironment): Promise<CancelAnswer> {
  return persistently<CancelAnswer>({
    environment,
    tries: CANCEL_TRIES,
    waitsOffline: true,
    request: (signal) =>
      environment.fetch(urlsOf(environment).cancel(streamId), {
        method: 'DELETE',
        headers: { Accept: 'application/json' },
        signal,
      }),
  });
}

const urlsOf = (environment: StreamEnvironment) => environment.urls?.() ?? streamUrls();

interface Persistence {
  environment: StreamEnvironment;
  tries?: number;
  /**
   * Each retry waits until the browser is online, so that the time offline does not use up the tries. Default: a try that fails
   * while the browser is offline is the last one.
   */
  waitsOffline?: boolean;
  /** Must do no harm if it is repeated: the server may have carried out an earlier try whose response was lost. */
  request: (signal: AbortSignal) => Promise<Response>;
}

/**
 * Repeats a request while the network fails or the server is being restarted, and returns the JSON of the response.
 *
 * @throws StreamError
 */
export async function persistently<Answer>(options: Persistence): Promise<Answer> {
  const { environment, tries = TRIES, waitsOffline = false, request } = options;
  let attempt = 1;
  let isRenewed = false;
  for (;;) {
    const { response, answer, error } = await attemptOnce(request);
    if (response?.ok) return answer as Answer;
    const mayGoOn = waitsOffline || environment.isOnline();
    if (response?.status === 401 && !isRenewed && mayGoOn) {
      isRenewed = true;
      await environment.refreshSession();
    } else if (isAway(response) && attempt < tries && mayGoOn) {
      // The session may expire again during a long outage.
      isRenewed = false;
      await pause(environment, response, attempt);
      attempt += 1;
    } else {
      if (response) throw await errorOfResponse(response);
      throw new StreamError('network_error', "Can't reach the server. Check your connection.", null, error);
    }
    if (waitsOffline) await untilOnline(environment);
  }
}

/** Resolves when the browser is online, or when `callOff` is cancelled. */
function untilOnline(environment: StreamEnvironment, callOff?: CallOff): Promise<void> {
  if (environment.isOnline() || callOff?.cancelled) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      unwatch();
      forget?.();
      resolve();
    };
    const unwatch = environment.watch((change) => change === 'online' && end());
    const forget = callOff?.onCancel(end);
  });
}

interface Attempt {
  response?: Response;
  /** The JSON of a response that is `ok`. */
  answer?: unknown;
  error?: unknown;
}

async function attemptOnce(request: Persistence['request']): Promise<Attempt> {
  try {
    const response = await request(AbortSignal.timeout(ANSWER_MS));
    // The network may also fail in the middle of a body.
    return response.ok ? { response, answer: await response.json() } : { response };
  } catch (error) {
    return { error };
  }
}

const isAway = (response: Response | undefined): boolean =>
  !response || response.status === 502 || response.status === 503;

function pause(environment: StreamEnvironment, response: Response | undefined, attempt: number): Promise<void> {
  const retryAfterMs = Number(response?.headers.get('Retry-After') ?? 0) * 1000;
  const ms = Math.max(retryAfterMs || 0, backoffMs(attempt, environment.random()));
  return new Promise((resolve) => {
    const end = () => {
      callOff();
      unwatch();
      resolve();
    };
    const callOff = environment.later(end, ms);
    const unwatch = environment.watch((change) => change === 'online' && end());
  });
}
