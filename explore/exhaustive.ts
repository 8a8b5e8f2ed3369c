import type { RunResult } from './run-schedule.ts';
import type { Strategy } from './strategies.ts';

export interface ExhaustiveResult {
  runs: number;
  /** Choices that were skipped, because the same choice had already been taken in the same state. */
  pruned: number;
  failed: RunResult | null;
}

/**
 * Runs schedules of one scenario (delay-bounded scheduling). In the ordinary order, each choice takes the first option. A schedule may
 * depart from the ordinary order in at most `deviations` of its first `steps` choices, and not later. All such schedules are run, but
 * a choice is skipped if the same choice was already taken in the same state with the same number of deviations left.
 *
 * When states are compared, the number of choices that led to them does not count. So the search misses some schedules: if a state is
 * reached again after fewer choices, `steps` allows deviations at choices that were too late the first time. These deviations are not
 * tried.
 */
export async function runExhaustively({
  run,
  deviations,
  steps,
  maxRuns,
}: {
  run(strategy: Strategy): Promise<RunResult>;
  deviations: number;
  steps: number;
  maxRuns: number;
}): Promise<ExhaustiveResult> {
  const seen = new Set<string>();
  const prefixes: number[][] = [[]];
  let [runs, pruned] = [0, 0];
  for (let prefix = prefixes.pop(); prefix !== undefined && runs < maxRuns; prefix = prefixes.pop()) {
    const taken: number[] = [];
    const result = await run((options, state) => {
      const step = taken.length;
      const choice = prefix[step] ?? 0;
      if (step >= prefix.length && step < steps) {
        const left = deviations - prefix.filter((index) => index !== 0).length;
        for (let other = 1; left > 0 && other < options.length; other++) {
          const reached = `${left} ${options[other]!.label} ${state()}`;
          if (seen.has(reached)) pruned += 1;
          else prefixes.push([...taken, other]);
          seen.add(reached);
        }
      }
      taken.push(choice);
      return Math.min(choice, options.length - 1);
    });
    runs += 1;
    if (result.violation !== null) return { runs, pruned, failed: result };
  }
  return { runs, pruned, failed: null };
}
