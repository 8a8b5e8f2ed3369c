import { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';

/** A process on virtual time: its timers stop with it. */
export interface Host {
  name: string;
  isDead: boolean;
  /** While it stands still (a garbage collection, a suspended machine) its timers wait here. */
  frozen: (() => void)[] | null;
}

/** The one clock of this process. All timers of the product run on it from the moment this file is loaded. */
export interface VirtualTime {
  now(): number;
  /** Fires the next timer and moves the clock to it. False when there is none. */
  fireNext(): boolean;
  /** How many timers are set. */
  pending(): number;
  /** Runs `work` as that host: the timers that it starts belong to it. */
  as<T>(host: Host, work: () => T): T;
  /** Forgets all timers and goes back to the beginning of time. */
  reset(): void;
  /** Resolves when everything that can go on without a timer or a store has gone on. */
  settled(): Promise<void>;
}

const START = Date.UTC(2026, 0, 1);
const realImmediate = setImmediate;

export function installVirtualTime(): VirtualTime {
  const hosts = new AsyncLocalStorage<Host>();
  const clock = FakeTimers.install({
    now: START,
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'],
  });
  const { setTimeout: startTimeout, setInterval: startInterval } = globalThis;

  /** Ties a callback to the host in whose context its timer is started. */
  function bound(callback: (...args: unknown[]) => void, args: unknown[]): () => void {
    const host = hosts.getStore();
    return () => {
      if (host?.isDead) return;
      if (host?.frozen) host.frozen.push(() => callback(...args));
      else callback(...args);
    };
  }
  const start = (begin: (callback: () => void, ms: number) => unknown) =>
    ((callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      begin(bound(callback, args), ms)) as unknown as typeof setTimeout;
  globalThis.setTimeout = Object.assign(start(startTimeout as never), startTimeout);
  globalThis.setInterval = start(startInterval as never) as unknown as typeof setInterval;
  syncBuiltinESMExports();

  return {
    now: () => Date.now(),
    fireNext() {
      if (clock.countTimers() === 0) return false;
      clock.next();
      return true;
    },
    pending: () => clock.countTimers(),
    as: (host, work) => hosts.run(host, work),
    reset() {
      clock.reset();
      clock.setSystemTime(START);
    },
    settled: () => new Promise((resolve) => void realImmediate(resolve)),
  };
}
