/**
 * Runs large reads, at most `width` at a time. Between two reads, the process handles all other input that has arrived. So if
 * forty people open large chats at the same time, they wait for each other, but the streams of other people do not wait.
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
    // The next read begins in a new turn of the event loop, so that input that has arrived is handled first.
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
