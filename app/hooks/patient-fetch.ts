import { backoffMs } from './backoff.ts';
import { ensureSession } from './stream-environment.ts';

/**
 * `fetch` as Remix uses it, but patient with the data of pages. When the server cannot be reached, Remix would replace
 * the page, with all that one was reading, by the page of an error. Instead the data is asked for until the server can
 * say something, or until nobody wants it any more. Forms are sent again too: each of ours may arrive twice.
 */
export function patientFetch(ask: typeof fetch, environment: PatientEnvironment = browser): typeof fetch {
  return async (input, init) => {
    const kind = environment.kindOf(input, init);
    if (kind === null) return ask(input, init);
    let endWait: (() => void) | null = null;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const response = await wholeAnswer(() => ask(input, init), kind);
        if (response !== null) return response;
        // News about the page one is on is asked for quietly. Somebody waits for everything else.
        if (kind !== 'this-page') endWait ??= environment.wait();
        await environment.pause(backoffMs(attempt, Math.random()), init?.signal ?? null);
        // As `fetch` itself would.
        init?.signal?.throwIfAborted();
        await ensureSession();
      }
    } finally {
      endWait?.();
    }
  };
}

/** News about the page one is on, another page, or a form. */
export type PageData = 'this-page' | 'other-page' | 'form';

/** What it needs from around it, so that a test can be the clock and the window. */
export interface PatientEnvironment {
  /** `null`: not the data of a page. */
  kindOf(input: RequestInfo | URL, init?: RequestInit): PageData | null;
  /** Resolves after that time, or earlier where there is a reason to. */
  pause(ms: number, signal: AbortSignal | null): Promise<void>;
  /** Somebody waits, until the returned function is called. */
  wait(): () => void;
}

/** The server, or what stands before it, cannot be reached or is being restarted. */
const AWAY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** `null`: the server cannot answer now, or its answer was lost half way. */
async function wholeAnswer(ask: () => Promise<Response>, kind: PageData): Promise<Response | null> {
  try {
    const response = await ask();
    // A page that is shown is never replaced by an error. Where one goes to, an error of its own is said.
    const isAway = AWAY.has(response.status) || (kind === 'this-page' && response.status >= 500);
    // A refused form says why on its page; that is no outage.
    if (isAway && !(kind === 'form' && isOwnAnswer(response))) return null;
    const { status, statusText, headers } = response;
    const hasBody = response.body !== null;
    return new Response(hasBody ? await response.arrayBuffer() : null, { status, statusText, headers });
  } catch {
    return null;
  }
}

/** Remix's own answers carry this header; what a proxy answers for it does not. */
const isOwnAnswer = (response: Response): boolean => response.headers.has('x-remix-response');

let waiting: () => () => void = () => () => undefined;

/** Names who is told that a page is being waited for. */
export function setWaitNotice(notice: () => () => void): void {
  waiting = notice;
}

const browser: PatientEnvironment = {
  kindOf(input, init) {
    if (input instanceof Request) return null;
    const { origin, pathname } = new URL(input, location.href);
    if (origin !== location.origin || !pathname.endsWith('.data')) return null;
    if ((init?.method ?? 'GET') !== 'GET') return 'form';
    const page = location.pathname === '/' ? '/_root' : location.pathname.replace(/\/$/, '');
    return pathname === `${page}.data` ? 'this-page' : 'other-page';
  },
  wait: () => waiting(),
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
