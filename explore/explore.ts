import { createCoverage } from './coverage.ts';
import { runExhaustively } from './exhaustive.ts';
import { createRandom } from './random.ts';
import { runSchedule, type RunResult } from './run-schedule.ts';
import { SCENARIO_COUNT } from './scenarios.ts';
import { shrink } from './shrink.ts';
import { pct, randomWalk, type Strategy } from './strategies.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Maximum number of lines of a stack trace while a failed schedule is shrunk. */
const STACK_LINES = 10;
/**
 * Number of choices at the beginning of a schedule in which an exhaustive search may depart from the ordinary order. In the ordinary
 * order, each choice takes the first option.
 */
const EXHAUSTIVE_STEPS = 60;
const MAX_EXHAUSTIVE_RUNS = 20_000;

export interface ExploreOptions {
  time: VirtualTime;
  /** A clock that is not virtual, in milliseconds. */
  realNow(): number;
  /** The seed of the first schedule. Each further schedule has the next number. */
  seed: number;
  /** `random`, `pct`, `mixed` (`random` for even seeds, `pct` for odd ones), or `exhaustive`. */
  strategy: string;
  /**
   * For `pct`: the number of change points (see {@link pct}). For `exhaustive`: how often a schedule may depart from the ordinary
   * order.
   */
  depth: number;
  milliseconds: number;
  schedules: number;
  scenarioIndex?: number;
  /** Goes on after a violation, to find violations of other kinds. */
  keepGoing?: boolean;
  /** Does not shrink a schedule that fails. */
  isQuick?: boolean;
  /** Prints for each script which scripts ran directly after it at another sidecar. */
  tellsCoverage?: boolean;
  /** Prints the story of every schedule, not only of those that fail. */
  tellsAll?: boolean;
  print(line: string): void;
}

/**
 * Runs schedules until one fails, or until the maximum number of schedules or the maximum time is reached. Prints the story of a
 * schedule that fails: one line for each event. Resolves to true if a schedule has failed.
 */
export async function explore(options: ExploreOptions): Promise<boolean> {
  if (options.strategy === 'exhaustive') return exploreExhaustively(options);
  const { time, realNow, print } = options;
  const startedAt = realNow();
  const cpuBefore = process.cpuUsage();
  const coverage = createCoverage();
  let [schedules, choices, violations] = [0, 0, 0];
  for (; schedules < options.schedules && realNow() - startedAt < options.milliseconds; schedules++) {
    const seed = options.seed + schedules;
    const run = (strategy: Strategy) => runSchedule({ time, seed, strategy, scenarioIndex: options.scenarioIndex });
    // The sidecars throw an error for each refusal. Stack traces of these errors would cost time, and nobody reads them.
    Error.stackTraceLimit = 0;
    const result = await run(strategyFor(options, seed));
    choices += result.choices.length;
    coverage.add(result.orderings);
    if (options.tellsAll) tell(result, seed, print);
    if (result.violation !== null) {
      violations += 1;
      Error.stackTraceLimit = STACK_LINES;
      tell(options.isQuick ? result : await shrink(result, run), seed, print);
      if (!options.keepGoing) return true;
    }
  }
  const seconds = (realNow() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  print(
    `${schedules} schedules in ${seconds.toFixed(1)} s (${(schedules / seconds).toFixed(0)}/s, ${((user + system) / 1000 / schedules).toFixed(1)} ms of CPU each), ` +
      `${(choices / schedules).toFixed(0)} decisions each, ${coverage.summary()}, ${violations} violations`,
  );
  if (options.tellsCoverage) for (const line of coverage.lines()) print(`  ${line}`);
  return violations > 0;
}

/** Runs, for every scenario in turn, every schedule that departs from the ordinary order up to `depth` times. */
async function exploreExhaustively(options: ExploreOptions): Promise<boolean> {
  const { time, seed, depth, print } = options;
  const indexes = options.scenarioIndex === undefined ? [...Array(SCENARIO_COUNT).keys()] : [options.scenarioIndex];
  const maxRuns = Math.min(options.schedules, MAX_EXHAUSTIVE_RUNS);
  let isFailed = false;
  for (const scenarioIndex of indexes) {
    const run = (strategy: Strategy) => runSchedule({ time, seed, strategy, scenarioIndex });
    const { runs, pruned, failed } = await runExhaustively({
      run,
      deviations: depth,
      steps: EXHAUSTIVE_STEPS,
      maxRuns,
    });
    if (failed !== null) tell(await shrink(failed, run), seed, print);
    isFailed ||= failed !== null;
    const extent = failed !== null ? 'up to the violation' : runs < maxRuns ? 'all of them' : 'stopped at the limit';
    print(`scenario ${scenarioIndex}: ${runs} schedules (${extent}), ${pruned} choices skipped`);
  }
  return isFailed;
}

function strategyFor({ strategy, depth }: ExploreOptions, seed: number): Strategy {
  const random = createRandom(seed * 7919);
  if (strategy === 'random') return randomWalk(random);
  if (strategy === 'pct') return pct(random, depth);
  return seed % 2 === 0 ? randomWalk(random) : pct(random, depth);
}

function tell({ scenario, story, violation }: RunResult, seed: number, print: (line: string) => void): void {
  print(`seed ${seed}: ${scenario.name}`);
  for (const line of joined(story)) print(`  ${line}`);
  if (violation !== null) print(`VIOLATION ${violation.name === 'Violation' ? violation.message : violation.stack}`);
}

/** Calls that every sidecar makes all the time, and that change nothing. They are left out of stories. */
const CHATTER = /^[ABC] (TIME|ZRANGE active_streams)/;

/** The lines of a story. Equal ones in a row become one: `time passes (5 times)`. */
function joined(story: readonly string[]): string[] {
  const lines: { text: string; times: number }[] = [];
  for (const text of story.filter((line) => !CHATTER.test(line))) {
    const last = lines.at(-1);
    if (last?.text === text) last.times += 1;
    else lines.push({ text, times: 1 });
  }
  return lines.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
}
