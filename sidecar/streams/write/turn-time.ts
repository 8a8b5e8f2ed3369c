export interface TurnTime {
  /** By `performance.now()`. */
  monotonicMs: number;
  /** By `Date.now()`. */
  wallMs: number;
}

let current: TurnTime | null = null;
const forget = (): void => {
  current = null;
};

/**
 * The time, read only once in each turn of the event loop. A turn takes only milliseconds. If a busy sidecar read both clocks for each
 * chunk, that would take a tenth of its CPU time.
 */
export function turnTime(): TurnTime {
  if (current === null) {
    current = { monotonicMs: performance.now(), wallMs: Date.now() };
    setImmediate(forget);
  }
  return current;
}
