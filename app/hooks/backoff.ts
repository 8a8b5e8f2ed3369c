export const FIRST_RETRY_MS = 250;
export const LONGEST_RETRY_MS = 15_000;

/**
 * How long to wait before try number `attempt` (1 is the first retry): doubling from 250 ms to 15 s, of which the
 * upper half is random, so that many readers cut at once do not come back at once.
 *
 * @param random from 0 up to 1
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
