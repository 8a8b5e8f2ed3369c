export const FIRST_RETRY_MS = 250;
export const LONGEST_RETRY_MS = 15_000;

/**
 * Delay in ms before retry number `attempt` (from 1). It is a random value between half of a limit and the limit. The limit begins
 * at 250 ms and doubles with each attempt, up to 15 s.
 *
 * @param random from 0 (inclusive) to 1 (exclusive)
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
