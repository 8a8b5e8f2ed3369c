const FIRST_MS = 250;
const LONGEST_MS = 5_000;
const HEALTHY_AFTER_MS = 30_000;

/**
 * The delay before a process that ended is started again: 250 ms, then twice as long each time, up to 5 s. After a run of
 * 30 s or more it is 250 ms again.
 */
export interface Backoff {
  /** @param upMs How long the process that has just ended was up. */
  nextDelayMs(upMs: number): number;
}

export function createBackoff(): Backoff {
  let delayMs = FIRST_MS;
  return {
    nextDelayMs(upMs) {
      if (upMs >= HEALTHY_AFTER_MS) delayMs = FIRST_MS;
      const current = delayMs;
      delayMs = Math.min(delayMs * 2, LONGEST_MS);
      return current;
    },
  };
}
