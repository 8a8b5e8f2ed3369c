import { backoffMs } from './backoff.ts';
import { ensureSession } from './stream-environment.ts';

/**
 * A `fetch` for Remix that is patient with the data of the current page. If that request failed, Remix would replace the
 * page by an error page, and the person would lose what they were reading. So it is repeated until the server can answer, or
 * until it is aborted. Requests for other pages and form submissions fail at once.
 */
export function patientFetch(ask: typeof fetch, environment: PatientEnvironment = browser): typeof fetch {
  return async (input, init) => {
    if (!environment.isThisPage(input, init)) return ask(input, init);
    for (let attempt = 1; ; attempt += 1) {
      const response = await wholeAnswer(() => ask(input, init));
      if (response !== null) return response;
      await environment.pause(backoffMs(attempt, Math.random()), init?.signal ?? null);
      // As `fetch` itself does.
      init?.signal?.throwIfAborted();
      await ensureSession();
    }
  };
}

/** What patientFetch needs from outside, so that a test can replace the clock and the window. */
export interface PatientEnvironment {
  isThisPage(input: RequestInfo | URL, init?: RequestInit): boolean;
  /** Resolves after that time, or earlier if it is worth trying again. */
  pause(ms: number, signal: AbortSignal | null): Promise<void>;
}

/** `null`: the server cannot answer right now, or its answer was lost on the way. */
async function wholeAnswer(ask: () => Promise<Response>): Promise<Response | null> {
  try {
    const response = await ask();
    // The page handles all other refusals.
    if (response.status >= 500 || response.status === 429) return null;
    const { status, statusText, headers } = response;
    const hasBody = response.body !== null;
    return new Response(hasBody ? await response.arrayBuffer() : null, { status, statusText, headers });
  } catch {
    return null;
  }
}

const browser: PatientEnvironment = {
  isThisPage(input, init) {
    if ((init?.method ?? 'GET') !== 'GET' || input instanceof Request) return false;
    const { origin, pathname } = new URL(input, location.href);
    const page = location.pathname === '/' ? '/_root' : location.pathname.replace(/\/$/, '');
    return origin === location.origin && pathname === `${page}.data`;
  },
  pause: (ms, signal) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        removeEventListener('online', end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      addEventListener('online', end);
      signal?.addEventListener('abort', end);
      if (signal?.aborted) end();
    }),
};
