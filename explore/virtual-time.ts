import { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import FakeTimers from '@sinonjs/fake-timers';

/** A simulated process on virtual time. When the process ends, its timers end, too. */
export interface Host {
  name: string;
  isDead: boolean;
  /**
   * While the process stands still (a garbage collection, a suspended machine), the callbacks of its timers wait here. `null` while
   * it runs.
   */
  frozen: (() => void)[] | null;
  timers: Set<unknown>;
  onEnd: Set<() => void>;
}

export const newHost = (name: string): Host => ({
  name,
  isDead: false,
  frozen: null,
  timers: new Set(),
  onEnd: new Set(),
});

/** The one clock of this process. After {@link installVirtualTime}, all timers of the sidecar's code run on this clock. */
export interface VirtualTime {
  now(): number;
  /** Fires the next timer and moves the clock to it. False when there is none. */
  fireNext(): boolean;
  /** Runs `work` as part of the host. The timers that `work` starts belong to the host. */
  as<T>(host: Host, work: () => T): T;
  /** Ends a host: none of its timers fires any more. */
  end(host: Host): void;
  /** Forgets all timers and goes back to the beginning of time. */
  reset(): void;
  /**
   * Runs all work that waits for neither a timer nor Redis, and returns when all this work is done. Must not be called in the callback
   * of a promise, because the callbacks of other promises would not run during the call: see {@link VirtualTime.outside}.
   */
  settle(): void;
  /** Runs `work` on an empty stack, where {@link VirtualTime.settle} may be called. */
  outside<T>(work: () => T): Promise<T>;
}

/** A timer that does not run. */
const NEVER = { ref: () => NEVER, unref: () => NEVER, hasRef: () => false };

type Callback = (...args: unknown[]) => void;

const START = Date.UTC(2026, 0, 1);
const realImmediate = setImmediate;
/** Runs all callbacks of promises and of `process.nextTick`, and reports rejections, as Node does after every callback. */
const runPromises = (process as unknown as { _tickCallback(): void })._tickCallback.bind(process);

export function installVirtualTime(): VirtualTime {
  const hosts = new AsyncLocalStorage<Host>();
  const clock = FakeTimers.install({
    now: START,
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  });
  const { setTimeout: startTimeout, setInterval: startInterval, clearTimeout: end } = globalThis;
  let fired = 0;
  const ownerOf = new WeakMap<object, Host>();

  /** Starts a timer that belongs to the host in whose context it is started. */
  function start(begin: (callback: () => void, ms: number) => unknown, isRepeated: boolean) {
    return (callback: Callback, ms = 0, ...args: unknown[]): unknown => {
      const host = hosts.getStore();
      if (host === undefined) {
        return begin(() => {
          fired += 1;
          callback(...args);
        }, ms);
      }
      // When a host has ended, code of the host that awaits a promise may still run. Such code must not start timers.
      if (host.isDead) return NEVER;
      const run = () => callback(...args);
      const timer = begin(() => {
        fired += 1;
        if (!isRepeated) host.timers.delete(timer);
        if (host.frozen === null) run();
        // A repeated timer that was due several times while the process was frozen runs once.
        else if (!host.frozen.includes(run)) host.frozen.push(run);
      }, ms) as object;
      host.timers.add(timer);
      ownerOf.set(timer, host);
      return timer;
    };
  }
  const clear = (timer: unknown): void => {
    if (typeof timer === 'object' && timer !== null) ownerOf.get(timer)?.timers.delete(timer);
    end(timer as NodeJS.Timeout);
  };
  globalThis.setTimeout = Object.assign(start(startTimeout, false) as typeof setTimeout, startTimeout);
  globalThis.setInterval = start(startInterval, true) as typeof setInterval;
  globalThis.clearTimeout = clear as typeof clearTimeout;
  globalThis.clearInterval = clear as typeof clearInterval;
  // fake-timers could replace this function, too, but would not know to which host a delay belongs.
  timersPromises.setTimeout = delay as typeof timersPromises.setTimeout;
  const immediates: (() => void)[] = [];
  globalThis.setImmediate = ((callback: Callback, ...args: unknown[]) =>
    void immediates.push(() => callback(...args))) as unknown as typeof setImmediate;
  timersPromises.setImmediate = ((value?: unknown) =>
    new Promise<unknown>(
      (resolve) => void immediates.push(() => resolve(value)),
    )) as typeof timersPromises.setImmediate;
  syncBuiltinESMExports();

  return {
    now: () => clock.now,
    fireNext() {
      const before = fired;
      clock.next();
      return fired > before;
    },
    as: (host, work) => hosts.run(host, work),
    end(host) {
      host.isDead = true;
      for (const timer of host.timers) end(timer as NodeJS.Timeout);
      host.timers.clear();
      for (const listener of host.onEnd) listener();
    },
    reset() {
      clock.reset();
      immediates.length = 0;
      clock.setSystemTime(START);
    },
    settle() {
      do {
        runPromises();
        for (const go of immediates.splice(0)) go();
      } while (immediates.length > 0);
      runPromises();
    },
    outside: (work) =>
      new Promise((resolve, reject) => {
        realImmediate(() => {
          try {
            resolve(work());
          } catch (error) {
            reject(error as Error);
          }
        });
      }),
  };
}

function delay(ms?: number, value?: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      const cause: unknown = signal!.reason;
      reject(
        Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' }),
      );
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
