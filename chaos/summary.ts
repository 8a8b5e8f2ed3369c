import type { ChaosReport } from './chaos.ts';
import type { Profile } from './faults.ts';

export function summarize({
  seed,
  profile,
  seconds,
  report,
}: {
  seed: string;
  profile: Profile;
  seconds: number;
  report: ChaosReport;
}): string {
  const { results, faults, takeovers, packed, problems } = report;
  const readers = results.flatMap((result) => result.readers);
  const sum = (of: 'connections' | 'leaves' | 'cuts' | 'resets') => readers.reduce((all, one) => all + one[of], 0);
  const turns = results.flatMap(({ queued }) => queued ?? []);
  const branches = results.flatMap((result) => result.branches);
  const answersOf = branches.map(({ answers }) => answers.find(({ status }) => status < 300) ?? answers[0]!);
  const bytes = results.reduce((all, result) => all + result.bytes, 0);
  const injected = [...faults.values()].reduce((all, count) => all + count, 0);
  return [
    `seed ${seed}, ${profile}, ${seconds.toFixed(0)} s`,
    `  faults    ${injected}: ${counted(faults)}`,
    `  streams   ${results.length}, ${(bytes / 1e6).toFixed(1)} MB: ${counted(countBy(results.map(({ outcome }) => outcome)))}; takeovers and handovers ${takeovers}; ${packed} packed`,
    `  readers   ${readers.length}: ${counted(countBy(readers.map(({ end }) => end)))}; ${sum('connections')} connections, ` +
      `${sum('leaves')} left by themselves, ${sum('cuts')} broken, ${sum('resets')} begun anew`,
    `  queues    ${turns.length} turns waited: ${counted(countBy(turns))}`,
    `  branches  ${branches.length}: ${counted(countBy(answersOf.map(({ status }) => (status < 300 ? 'made' : String(status)))))}`,
    `  problems  ${problems.length}`,
    ...problems.slice(0, MAX_PROBLEMS).map((problem) => `    ${problem}`),
  ].join('\n');
}

const MAX_PROBLEMS = 40;

function countBy<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

const counted = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';
