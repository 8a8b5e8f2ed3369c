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
 * A skipped choice may come earlier in its schedule than the choice that was taken. Then more of the `steps` choices are left after it, and
 * the search misses schedules that depart from the order in one of these.
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
