import { backoffMs } from './backoff.ts';
import { pageDataBody } from './page-data-body.ts';
import { ensureSession } from './stream-environment.ts';

/**
 * A `fetch` for Remix that repeats a request for a page's data until the server answers, or the data is no longer wanted. Without
 * these repetitions, Remix would show an error page in place of the page that a person is reading. If the request fails while the
 * browser is offline, and the page's data was kept earlier, the kept data is returned.
 *
 * Forms are sent again, too. A form with a field `once` is sent only once, because a second request could create something
 * twice. If the server does not answer, such a form fails with `network_error`.
 */
export function patientFetch(ask: typeof fetch, environment: PatientEnvironment): typeof fetch {
  return async (input, init) => {
    const kind = environment.kindOf(input, init);
    if (kind === null) return ask(input, init);
    let endWait: (() => void) | null = null;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const response = await wholeAnswer(() => ask(input, kind.startsWith('form') ? init : inTime(init)), kind);
        if (response !== null) return response;
        if (kind === 'form-once') {
          init?.signal?.throwIfAborted();
          return new Response(UNREACHABLE, { status: 503 });
        }
        const kept = kind === 'form' ? null : environment.keptOffline(input);
        if (kept !== null) return new Response(pageDataBody(kept));
        // The person waits for everything except updates of the current page.
        if (kind !== 'this-page') endWait ??= environment.wait();
        await environment.pause(backoffMs(attempt, Math.random()), init?.signal ?? null);
        init?.signal?.throwIfAborted();
        await ensureSession();
      }
    } finally {
      endWait?.();
    }
  };
}

/** What a request is for: an update of the current page, another page, a form, or a form that must not be sent again. */
export type PageData = 'this-page' | 'other-page' | 'form' | 'form-once';

/** The response body for a form that was lost. The body has the format of an action's result, so that the page shows the message. */
const UNREACHABLE = pageDataBody({
  data: { code: 'network_error', message: 'The server cannot be reached. Try again.' },
});

/** What `patientFetch` needs from outside, so that a test can replace the clock and the window. */
export interface PatientEnvironment {
  /** `null`: a request of another kind, which is not repeated. */
  kindOf(input: RequestInfo | URL, init?: RequestInit): PageData | null;
  /** Resolves after `ms`, or earlier if the browser is online again or `signal` aborts. */
  pause(ms: number, signal: AbortSignal | null): Promise<void>;
  /** Called when a person begins to wait. The returned function is called when the wait is over. */
  wait(): () => void;
  /** The kept data of the page with this URL, by route id. `null` if nothing was kept, or if the browser is online. */
  keptOffline(input: RequestInfo | URL): object | null;
}

/**
 * A request for a page's data is repeated if no response has come after this time. Forms have no such limit, because the server may
 * still be handling the form.
 */
const ANSWER_MS = 20_000;

const inTime = (init: RequestInit = {}): RequestInit => {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  return { ...init, signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout };
};

/** A response with one of these statuses, from the server or from a proxy, means that the server cannot answer now. */
const AWAY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The response with its whole body; `null` if the server cannot answer now, or if the body broke off. */
async function wholeAnswer(ask: () => Promise<Response>, kind: PageData): Promise<Response | null> {
  try {
    const response = await ask();
    // A server error (5xx) never replaces the current page. A page that the person navigates to may show its own error.
    const isAway = AWAY.has(response.status) || (kind === 'this-page' && response.status >= 500);
    // If Remix itself answers a form with such a status, the server has received and refused the form. The page shows the reason.
    if (isAway && !(kind.startsWith('form') && isOwnAnswer(response))) return null;
    const { status, statusText, headers } = response;
    const hasBody = response.body !== null;
    return new Response(hasBody ? await response.arrayBuffer() : null, { status, statusText, headers });
  } catch {
    return null;
  }
}

/** Remix's own responses have this header. A proxy's error pages do not. */
const isOwnAnswer = (response: Response): boolean => response.headers.has('x-remix-response');

/**
 * The environment in a browser.
 *
 * @param wait see `PatientEnvironment`
 * @param kept returns the kept data of the page with this URL, by route id; `null` if nothing was kept
 */
export const patientBrowser = ({ wait, kept }: PatientBrowserOptions): PatientEnvironment => ({
  kindOf(input, init) {
    if (input instanceof Request) return null;
    const { origin, pathname } = new URL(input, location.href);
    if (origin !== location.origin || !pathname.endsWith('.data')) return null;
    if ((init?.method ?? 'GET') !== 'GET') {
      return init?.body instanceof URLSearchParams && init.body.has('once') ? 'form-once' : 'form';
    }
    const page = location.pathname === '/' ? '/_root' : location.pathname.replace(/\/$/, '');
    return pathname === `${page}.data` ? 'this-page' : 'other-page';
  },
  wait,
  keptOffline: (input) => (navigator.onLine || input instanceof Request ? null : kept(new URL(input, location.href))),
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
});

interface PatientBrowserOptions {
  wait: PatientEnvironment['wait'];
  kept: (url: URL) => object | null;
}
