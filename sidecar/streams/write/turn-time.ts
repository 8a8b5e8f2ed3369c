let current: number | null = null;
const forget = (): void => {
  current = null;
};

/**
 * The time at which this turn of the event loop first asked for the time, by `performance.now()`, in whole milliseconds. Reading a
 * clock for each chunk would take a tenth of the time of a busy sidecar, and a turn takes only milliseconds. V8 stores a whole number
 * without allocating memory.
 */
export function turnMs(): number {
  if (current === null) {
    current = Math.floor(performance.now());
    setImmediate(forget);
  }
  return current;
}
