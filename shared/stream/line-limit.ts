/**
 * Limits log lines that any client can cause. Returns a function that says whether another line may be written. This function
 * returns true for its first `perMinute` calls in each minute of the clock.
 */
export function createLineLimit(perMinute: number): () => boolean {
  let minute = 0;
  let lines = 0;
  return () => {
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) [minute, lines] = [now, 0];
    lines += 1;
    return lines <= perMinute;
  };
}
