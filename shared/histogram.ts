/**
 * A histogram is a list of counts, one per bin. Bin `i` counts the values that are greater than bound `i - 1` and at
 * most bound `i`. One more bin counts the values above all bounds. Histograms can be added up over processes and hours, and still
 * give quantiles. With the bounds `[10, 20]` the values 5, 10, 11 and 99 give `[2, 1, 1]`.
 */

/** Bounds for the time from the model call to the first token, in milliseconds. */
export const FIRST_TOKEN_MS_BOUNDS = [
  50, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000, 7500, 10_000, 15_000, 20_000, 30_000,
  60_000,
] as const;

/** Bounds for the speed of an answer, in tokens per second. */
export const TOKENS_PER_SECOND_BOUNDS = [
  1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000, 2000, 5000,
] as const;

/** The index of the bin for a value. */
export function binOf(value: number, bounds: readonly number[]): number {
  const index = bounds.findIndex((bound) => value <= bound);
  return index === -1 ? bounds.length : index;
}

/**
 * The value below which the share `q` (0 to 1) of all values lies. Assumes that values are spread evenly within a bin.
 * Returns the last bound if the result lies above all bounds, and `null` for an empty histogram.
 */
export function quantile(counts: readonly number[], bounds: readonly number[], q: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = q * total;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    const lower = bounds[index - 1] ?? 0;
    const upper = bounds[index] ?? lower;
    if (count > 0 && below + count >= rank) return lower + ((upper - lower) * Math.max(0, rank - below)) / count;
    below += count;
  }
  return bounds.at(-1) ?? null;
}

export const addCounts = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
