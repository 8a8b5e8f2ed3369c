import { StoreUnavailable } from '../streams/stream-store.ts';

const TICK_MS = 250;

/**
 * Gives every call a deadline, with one timer for all of them. The timer counts ticks instead of time, so that no call expires
 * because this process was suspended.
 */
export interface Deadlines {
  /** Waits for the promise. Rejects with {@link StoreUnavailable} if the promise has not settled in time. */
  within<T>(promise: Promise<T>): Promise<T>;
  stop(): void;
}

export function createDeadlines({ limitMs }: { limitMs: number }): Deadlines {
  const limitTicks = Math.ceil(limitMs / TICK_MS);
  const waiting = new Set<{ ticks: number; expire(): void }>();
  const timer = setInterval(() => {
    for (const entry of waiting) {
      entry.ticks += 1;
      if (entry.ticks >= limitTicks) entry.expire();
    }
  }, TICK_MS);
  timer.unref();

  return {
    within: <T>(promise: Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        const entry = {
          ticks: 0,
          expire() {
            waiting.delete(entry);
            reject(new StoreUnavailable(`Redis did not answer in ${limitMs} ms`));
          },
        };
        waiting.add(entry);
        promise.then(
          (value) => {
            waiting.delete(entry);
            resolve(value);
          },
          (error: unknown) => {
            waiting.delete(entry);
            reject(error instanceof Error ? error : new Error('a call failed', { cause: error }));
          },
        );
      }),
    stop: () => clearInterval(timer),
  };
}
