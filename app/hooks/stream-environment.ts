import type { StreamUrls } from './stream-urls.ts';

/** What the code that follows a stream needs from the browser: network, clock and window. Tests replace them. */
export interface StreamEnvironment {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Where requests go. Default: this app's own API. */
  urls?(): StreamUrls;
  /** Runs `task` after `ms`. Returns a function that cancels it. */
  later(task: () => void, ms: number): () => void;
  /** Runs `task` before the next paint, or soon if the page is hidden. Returns a function that cancels it. */
  nextFrame(task: () => void): () => void;
  /** A random number from 0 (inclusive) to 1 (exclusive). */
  random(): number;
  isVisible(): boolean;
  isOnline(): boolean;
  /** Reports when the window is hidden, shown, online or offline, until the returned function is called. */
  watch(listener: (change: WindowChange) => void): () => void;
  /** Asks the sign-in provider for a fresh session. Always resolves. If the renewal failed, the next request is refused again. */
  refreshSession(): Promise<void>;
  /**
   * Takes a place for an open connection. Resolves to a function that gives the place back, or to `null` if no place is free. All
   * tabs of this browser share a few places: over HTTP/1.1 a browser opens at most six connections per host, and some of them have
   * to stay free for loading pages.
   */
  takePlace(): Promise<(() => void) | null>;
  warn(message: string): void;
}

export type WindowChange = 'shown' | 'hidden' | 'online' | 'offline';

/** `force`: true if a request was refused. If false, the session is renewed only if it is known to have expired. */
type SessionRefresh = (options: { force: boolean }) => Promise<unknown>;

let refresh: SessionRefresh = () => Promise.resolve();
/** How long to wait for `refresh`. If the sign-in provider cannot be reached, `refresh` may never settle. */
const REFRESH_MS = 5_000;

/** Sets how a session is renewed, for example with Clerk: `setSessionRefresh(({ force }) => getToken({ skipCache: force }))`. */
export function setSessionRefresh(callback: SessionRefresh): void {
  refresh = callback;
}

/** Renews an expired session before a request that would otherwise be redirected to the sign-in page. Never rejects. */
export const ensureSession = (): Promise<void> => renew({ force: false });

function renew(options: { force: boolean }): Promise<void> {
  return new Promise((resolve) => {
    const callOff = browserEnvironment.later(resolve, REFRESH_MS);
    const settle = () => {
      callOff();
      resolve();
    };
    // If the renewal failed, the next request is refused again and is retried after a delay.
    refresh(options).then(settle, settle);
  });
}

export const browserEnvironment: StreamEnvironment = {
  fetch: (url, init) => fetch(url, init),
  later(task, ms) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  nextFrame(task) {
    // A hidden page gets no animation frames.
    if (document.visibilityState !== 'visible') return this.later(task, 16);
    const frame = requestAnimationFrame(task);
    return () => cancelAnimationFrame(frame);
  },
  random: Math.random,
  isVisible: () => document.visibilityState === 'visible',
  isOnline: () => navigator.onLine,
  watch,
  refreshSession: () => renew({ force: true }),
  takePlace,
  warn: (message) => console.warn(message),
};

const PLACES = 4;

async function takePlace(): Promise<(() => void) | null> {
  for (let place = 0; place < PLACES; place += 1) {
    const giveBack = await lock(`rejoin:connection:${place}`);
    if (giveBack) return giveBack;
  }
  return null;
}

/**
 * Takes a web lock. Resolves to a function that releases the lock, or to `null` if the lock is held already. All tabs of a browser
 * share the locks, and a tab that is closed loses its locks.
 */
function lock(name: string): Promise<(() => void) | null> {
  const unlimited = () => undefined;
  return new Promise((resolve) => {
    // Browsers offer web locks only over HTTPS and on localhost. Elsewhere, the number of connections is not limited.
    if (!navigator.locks) return resolve(unlimited);
    navigator.locks
      .request(name, { ifAvailable: true }, (held) => {
        if (!held) return resolve(null);
        return new Promise<void>((giveBack) => resolve(giveBack));
      })
      .catch(() => resolve(unlimited));
  });
}

function watch(listener: (change: WindowChange) => void): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const visibility = () => listener(document.visibilityState === 'visible' ? 'shown' : 'hidden');
  document.addEventListener('visibilitychange', visibility, { signal });
  addEventListener('online', () => listener('online'), { signal });
  addEventListener('offline', () => listener('offline'), { signal });
  // A page with an open connection may be kept out of the bfcache, so leaving the page counts as hiding it.
  addEventListener('pagehide', () => listener('hidden'), { signal });
  addEventListener('pageshow', (event) => event.persisted && visibility(), { signal });
  return () => ended.abort();
}
