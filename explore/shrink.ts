import type { RunResult } from './run-schedule.ts';
import { replay, type Strategy } from './strategies.ts';

const MAX_RUNS = 150;

/**
 * Makes a failing schedule shorter. Tries to leave out blocks of consecutive choices. Keeps the shorter schedule if it still fails
 * and its story is not longer. At first a block is half of the schedule, then a quarter, and so on. After the last choice of a
 * schedule, the run always takes the first option, which is never a fault.
 */
export async function shrink(failing: RunResult, run: (strategy: Strategy) => Promise<RunResult>): Promise<RunResult> {
  let best = failing;
  let runs = 0;
  for (
    let size = Math.ceil(best.choices.length / 2);
    size >= 1 && runs < MAX_RUNS;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.choices.length && runs < MAX_RUNS; from += size) {
      const choices = best.choices.toSpliced(from, size);
      runs += 1;
      const result = await run(replay(choices));
      if (result.violation !== null && result.story.length <= best.story.length) {
        best = { ...result, choices };
        from -= size;
      }
    }
  }
  return best;
}
