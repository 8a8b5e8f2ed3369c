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
 * The time at which this turn of the event loop first asked for the time. Two clocks for each chunk would take a tenth of the time
 * of a busy sidecar, and a turn takes only milliseconds.
 */
export function turnTime(): TurnTime {
  if (current === null) {
    current = { monotonicMs: performance.now(), wallMs: Date.now() };
    setImmediate(forget);
  }
  return current;
}
