import { performance } from 'node:perf_hooks';

/** Below this share of a busy event loop nothing is gathered, however much is written; from the upper one on all. */
const IDLE_UTILIZATION = 0.1;
const BUSY_UTILIZATION = 0.2;
/** At so many chunks a second there is nothing to gain by waiting; at ten times as many it is worth this long. */
const FEW_CHUNKS = 1000;
const MS_PER_TENFOLD = 35;
const MAX_GATHER_MS = 70;
const SAMPLE_MS = 100;
/** What it takes to write a chunk to one more reader, as part of what it takes to store it. */
export const READER_WORK = 0.1;
/** The weight of the newest sample: load that comes is followed fast, a single pause does not undo it. */
const RISE = 0.5;
const FALL = 0.2;

/**
 * For how long what is written is gathered before it is stored and shown: not at all where little is written, so that
 * nobody waits, and longer the more it is, so that fewer and larger writes make room for more streams. How much that
 * gains, and what it costs, stands in docs/decisions/0010.
 */
export interface Gathering {
  /** Milliseconds. */
  readonly delayMs: number;
  /** So many chunks were written, each counted with a share for every reader that waits for it. */
  tally(chunks: number): void;
  stop(): void;
}

export function createGathering(): Gathering {
  let last = performance.eventLoopUtilization();
  let lastAt = performance.now();
  let utilization = 0;
  let chunksPerSecond = 0;
  let chunks = 0;
  let delayMs = 0;
  const follow = (smoothed: number, sample: number) =>
    smoothed + (sample - smoothed) * (sample > smoothed ? RISE : FALL);
  const timer = setInterval(() => {
    const [now, at] = [performance.eventLoopUtilization(), performance.now()];
    utilization = follow(utilization, performance.eventLoopUtilization(now, last).utilization);
    chunksPerSecond = follow(chunksPerSecond, (chunks * 1000) / (at - lastAt));
    [last, lastAt, chunks] = [now, at, 0];
    delayMs = gatherMs(utilization, chunksPerSecond);
  }, SAMPLE_MS);
  timer.unref();
  return {
    get delayMs() {
      return delayMs;
    },
    tally(count) {
      chunks += count;
    },
    stop: () => clearInterval(timer),
  };
}

/** In whole milliseconds. */
export function gatherMs(utilization: number, chunksPerSecond: number): number {
  const load = (utilization - IDLE_UTILIZATION) / (BUSY_UTILIZATION - IDLE_UTILIZATION);
  const worth = Math.log10(Math.max(1, chunksPerSecond / FEW_CHUNKS)) * MS_PER_TENFOLD;
  return Math.round(Math.min(1, Math.max(0, load)) * Math.min(MAX_GATHER_MS, worth));
}
