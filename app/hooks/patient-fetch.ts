import { backoffMs } from './backoff.ts';
import { ensureSession } from './stream-environment.ts';

/**
 * `fetch` as Remix uses it, but for the data of the page that one is on: asked for in vain, it would be replaced by the
 * page of an error, with all that one was reading. It is asked for until the server can say something, or until nobody
 * wants it any more; other pages' data, and what is sent, fail at once.
 */
export function patientFetch(ask: typeof fetch, environment: PatientEnvironment = browser): typeof fetch {
  return async (input, init) => {
    if (!environment.isThisPage(input, init)) return ask(input, init);
    for (let attempt = 1; ; attempt += 1) {
      const response = await wholeAnswer(() => ask(input, init));
      if (response !== null) return response;
      await environment.pause(backoffMs(attempt, Math.random()), init?.signal ?? null);
      // As `fetch` itself would.
      init?.signal?.throwIfAborted();
      await ensureSession();
    }
  };
}

/** What it needs from around it, so that a test can be the clock and the window. */
export interface PatientEnvironment {
  isThisPage(input: RequestInfo | URL, init?: RequestInit): boolean;
  /** Resolves after that time, or earlier where there is a reason to. */
  pause(ms: number, signal: AbortSignal | null): Promise<void>;
}

/** `null`: the server cannot answer now, or its answer was lost half way. */
async function wholeAnswer(ask: () => Promise<Response>): Promise<Response | null> {
  try {
    const response = await ask();
    // What else is refused is for the page to say.
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
