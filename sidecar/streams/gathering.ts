import { performance } from 'node:perf_hooks';

/** Below this share of a busy event loop nothing is gathered; above the upper one as much as is allowed. */
const IDLE_UTILIZATION = 0.25;
const BUSY_UTILIZATION = 0.65;
const MAX_GATHER_MS = 25;
const SAMPLE_MS = 100;
/** The weight of the newest sample: load that comes is followed fast, a single pause does not undo it. */
const RISE = 0.5;
const FALL = 0.2;

/**
 * For how long what is written is gathered before it is stored and shown: not at all while this process is idle, so
 * that nobody waits, and longer the busier it is, so that fewer and larger writes make room for more streams.
 */
export interface Gathering {
  /** Milliseconds. */
  readonly delayMs: number;
  stop(): void;
}

export function createGathering(): Gathering {
  let last = performance.eventLoopUtilization();
  let smoothed = 0;
  let delayMs = 0;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    smoothed += (utilization - smoothed) * (utilization > smoothed ? RISE : FALL);
    delayMs = gatherMs(smoothed);
  }, SAMPLE_MS);
  timer.unref();
  return {
    get delayMs() {
      return delayMs;
    },
    stop: () => clearInterval(timer),
  };
}

/** From nothing at {@link IDLE_UTILIZATION} to all at {@link BUSY_UTILIZATION}, in whole milliseconds. */
export function gatherMs(utilization: number): number {
  const share = (utilization - IDLE_UTILIZATION) / (BUSY_UTILIZATION - IDLE_UTILIZATION);
  return Math.round(Math.min(1, Math.max(0, share)) * MAX_GATHER_MS);
}
