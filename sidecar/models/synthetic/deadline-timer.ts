/**
 * One timer for any number of deadlines. Deadlines are rounded up to whole milliseconds, so a thousand streams that each emit a
 * hundred times a second cost at most a thousand timeouts a second, not a hundred thousand.
 */
export interface DeadlineTimer {
  /**
   * Calls `run` in a later turn of the event loop, once {@link monotonicUs} has reached `dueUs`. Returns a function that
   * cancels the deadline.
   */
  at(dueUs: number, run: () => void): () => void;
}

/** Microseconds on CLOCK_MONOTONIC: the same clock in every process of a machine. */
export const monotonicUs = (): number => Math.round(monotonicOriginUs + performance.now() * 1000);
const monotonicOriginUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

/** Longest delay of `setTimeout`. For a deadline that is further away, several timeouts follow each other. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

interface Deadline {
  run: () => void;
}

export function createDeadlineTimer(): DeadlineTimer {
  /** The deadlines of each millisecond. Many deadlines share one millisecond, so most cost only an array push. */
  const slots = new Map<number, Deadline[]>();
  /** The keys of `slots`. After a cancellation has removed a slot, its key stays here until the key is the smallest. */
  const upcoming = createHeap();
  let timeout: NodeJS.Timeout | undefined;
  let wakeMs = Infinity;
  let firingMs = -Infinity;

  function arm(): void {
    while (upcoming.least() < Infinity && !slots.has(upcoming.least())) upcoming.removeLeast();
    const nextMs = upcoming.least();
    if (nextMs === wakeMs) return;
    clearTimeout(timeout);
    wakeMs = nextMs;
    if (nextMs === Infinity) return;
    const delayMs = Math.ceil(nextMs - monotonicUs() / 1000);
    timeout = setTimeout(fire, Math.min(Math.max(delayMs, 1), MAX_TIMEOUT_MS));
  }

  function fire(): void {
    firingMs = Math.floor(monotonicUs() / 1000);
    wakeMs = Infinity;
    try {
      while (upcoming.least() <= firingMs) {
        const dueMs = upcoming.removeLeast();
        const due = slots.get(dueMs) ?? [];
        slots.delete(dueMs);
        for (const { run } of due) run();
      }
    } finally {
      firingMs = -Infinity;
      arm();
    }
  }

  return {
    at(dueUs, run) {
      const deadline = { run };
      const dueMs = Math.max(Math.ceil(dueUs / 1000), firingMs + 1);
      const slot = slots.get(dueMs);
      if (slot) slot.push(deadline);
      else {
        slots.set(dueMs, [deadline]);
        upcoming.add(dueMs);
        if (firingMs === -Infinity) arm();
      }
      return () => {
        deadline.run = () => {}; // `fire` may be running this slot right now
        const mates = slots.get(dueMs)?.filter((mate) => mate !== deadline);
        if (!mates) return;
        if (mates.length > 0) slots.set(dueMs, mates);
        else slots.delete(dueMs);
        arm();
      };
    },
  };
}

/** A binary min-heap of numbers. `least` and `removeLeast` return `Infinity` if the heap is empty. */
function createHeap() {
  const heap: number[] = [];
  return {
    least: (): number => heap[0] ?? Infinity,

    add(value: number): void {
      let index = heap.push(value) - 1;
      for (let parent; index > 0 && heap[(parent = (index - 1) >> 1)]! > value; index = parent) {
        heap[index] = heap[parent]!;
      }
      heap[index] = value;
    },

    removeLeast(): number {
      const least = heap[0] ?? Infinity;
      const value = heap.pop();
      if (value === undefined || heap.length === 0) return least;
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
        if (heap[child]! >= value) break;
        heap[index] = heap[child]!;
        index = child;
      }
      heap[index] = value;
      return least;
    },
  };
}
