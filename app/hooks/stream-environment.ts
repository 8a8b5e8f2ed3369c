/** What following a stream needs from around it, so that a test can be the network, the clock and the window. */
export interface StreamEnvironment {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Runs `task` after `ms`; returns how to call it off. */
  later(task: () => void, ms: number): () => void;
  /** Runs `task` before the next paint, or soon where nothing is painted; returns how to call it off. */
  nextFrame(task: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
  isVisible(): boolean;
  isOnline(): boolean;
  /** Tells of the window's coming and going until the returned function is called. */
  watch(listener: (change: WindowChange) => void): () => void;
  /** Asks whoever signs people in for a fresh session. Resolves in any case: the next try shows whether it helped. */
  refreshSession(): Promise<void>;
  /**
   * A place among the tabs of this browser that hold a connection, to be given back by calling what it resolves to;
   * `null`: there is none left. Over HTTP/1.1 a browser opens six connections to a host, and pages need some too.
   */
  takePlace(): Promise<(() => void) | null>;
  warn(message: string): void;
}

export type WindowChange = 'shown' | 'hidden' | 'online' | 'offline';

/** `force`: a request was refused; else only where it is known to have lapsed, which costs nothing where it has not. */
type SessionRefresh = (options: { force: boolean }) => Promise<unknown>;

let refresh: SessionRefresh = () => Promise.resolve();
/** Who renews sessions may itself be out of reach, and then never answers. */
const REFRESH_MS = 5_000;

/** Names who renews a lapsed session, for example Clerk: `setSessionRefresh(({ force }) => getToken({ skipCache: force }))`. */
export function setSessionRefresh(callback: SessionRefresh): void {
  refresh = callback;
}

/** Renews a session that has lapsed, before a request that would be led to the sign-in page for it. Never rejects. */
export const ensureSession = (): Promise<void> => renew({ force: false });

function renew(options: { force: boolean }): Promise<void> {
  return new Promise((resolve) => {
    const callOff = browserEnvironment.later(resolve, REFRESH_MS);
    const settle = () => {
      callOff();
      resolve();
    };
    // Where it failed the next request tells: it is refused again and waits.
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
    // A hidden page paints no frames.
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

/** Locks are known to all tabs, and end with the tab that holds them. */
function lock(name: string): Promise<(() => void) | null> {
  const unlimited = () => undefined;
  return new Promise((resolve) => {
    // Only pages served securely have locks; without them every tab holds its own connection.
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
  // A page with an open connection is not kept for back and forward.
  addEventListener('pagehide', () => listener('hidden'), { signal });
  addEventListener('pageshow', (event) => event.persisted && visibility(), { signal });
  return () => ended.abort();
}
