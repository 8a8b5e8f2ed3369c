/**
 * Runs large reads a few at a time, and gives way to everything else between two of them. Forty people who open a large
 * chat at once then wait for each other, and the streams of other people do not wait for them.
 */
export interface Lane {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createLane({ width }: { width: number }): Lane {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < width) {
      running += 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    // Runs in a new turn of the event loop, so that input that has arrived is handled first.
    else setImmediate(next);
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
