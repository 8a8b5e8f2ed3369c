import { performance } from 'node:perf_hooks';

/** Event-loop utilisation. Up to the lower value, chunks are not delayed. From the upper value on, the full delay applies. */
const IDLE_UTILIZATION = 0.1;
const BUSY_UTILIZATION = 0.15;
/** Chunks per second. Up to this rate, gathering costs more than it saves. */
const FEW_CHUNKS = 2500;
/** How much the delay grows when the rate becomes ten times as high. */
const MS_PER_TENFOLD = 48;
const MAX_GATHER_MS = 70;
const SAMPLE_MS = 100;
/** The cost of writing a chunk to one more reader, as a share of the cost of storing it. */
export const READER_WORK = 0.1;
/**
 * Weights of the newest sample in the moving averages of utilisation and rate. The averages rise quickly and fall slowly, so that
 * one pause does not end the delay.
 */
const RISE = 0.5;
const FALL = 0.2;

/**
 * Decides how long this process gathers chunks before it stores and shows them in one write. For a stream that another process
 * writes, this process gathers notifications for the same time before it reads the new chunks. With little load there is no delay.
 * With more load the delay grows: fewer and larger writes make room for more streams. docs/decisions/0010-speed.md has the gain
 * and the cost.
 */
export interface Gathering {
  readonly delayMs: number;
  /** Adds work, measured in chunks: storing a chunk counts 1, and writing it to one more reader {@link READER_WORK}. */
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

/** The delay in whole milliseconds. */
export function gatherMs(utilization: number, chunksPerSecond: number): number {
  const load = (utilization - IDLE_UTILIZATION) / (BUSY_UTILIZATION - IDLE_UTILIZATION);
  const worth = Math.log10(Math.max(1, chunksPerSecond / FEW_CHUNKS)) * MS_PER_TENFOLD;
  return Math.round(Math.min(1, Math.max(0, load)) * Math.min(MAX_GATHER_MS, worth));
}
