/**
 * A histogram is a list of counts, one for each bound (how many values were at most that, and above the one before)
 * and a last one for what is above all bounds. Counts of several processes are added up, and a quantile is read from
 * the sum: that is why not the values but these are kept.
 */

/** From the call to the model's first word, in milliseconds. */
export const FIRST_TOKEN_MS_BOUNDS = [
  50, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000, 7500, 10_000, 15_000, 20_000, 30_000,
  60_000,
] as const;

/** While an answer is written. */
export const TOKENS_PER_SECOND_BOUNDS = [
  1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000, 2000, 5000,
] as const;

/** The index of the count that a value belongs to. */
export function binOf(value: number, bounds: readonly number[]): number {
  const index = bounds.findIndex((bound) => value <= bound);
  return index === -1 ? bounds.length : index;
}

/**
 * The value below which the share `q` (0 to 1) lies, as if those within two bounds were spread evenly between them;
 * the last bound where it lies above it. `null` where nothing was counted.
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
