import type { HostileReport } from './hostile.ts';

/** A limit above the largest requests that may be held at one time plus the processes' own needs. */
const MAX_GROWTH_MIB = { app: 400, sidecar: 400, redis: 200 } as const;
/** Values below this are noise of the machine, so they are not compared. */
const MIN_P99_MS = 50;

/** The problems in a report; empty if there are none. `isTimed`: also checks values that depend on the machine. */
export function shortcomings(
  report: HostileReport,
  { streams, isTimed }: { streams: number; isTimed: boolean },
): string[] {
  const { calm, attacked, memory, answers } = report;
  const missing = [...report.problems];
  if (report.whole !== streams) missing.push(`${report.whole} of ${streams} honest readers had their whole answer`);
  for (const [answer, count] of answers) if (/: 500$/.test(answer)) missing.push(`${count} answers of ${answer}`);
  for (const name of ['app', 'sidecar', 'redis'] as const) {
    const grown = memory.largest[name] - memory.before[name];
    if (grown > MAX_GROWTH_MIB[name]) missing.push(`${name} grew by ${grown.toFixed(0)} MiB`);
  }
  const limit = Math.max(2 * calm.p99, MIN_P99_MS);
  if (isTimed && attacked.p99 > limit)
    missing.push(`p99 is ${attacked.p99.toFixed(0)} ms, more than ${limit.toFixed(0)} ms`);
  return missing;
}

/** The figures of a report, one per line. */
export function figures({ calm, attacked, whole, memory, answers }: HostileReport): string[] {
  const mib = (name: 'app' | 'sidecar' | 'redis') =>
    `${name} ${memory.before[name].toFixed(0)} → ${memory.largest[name].toFixed(0)} → ${memory.after[name].toFixed(0)}`;
  return [
    `honest answers that came whole: ${whole}`,
    `latency alone:    p50 ${calm.p50.toFixed(1)} ms, p99 ${calm.p99.toFixed(1)} ms`,
    `latency attacked: p50 ${attacked.p50.toFixed(1)} ms, p99 ${attacked.p99.toFixed(1)} ms`,
    `memory in MiB, before → largest → after: ${mib('app')}; ${mib('sidecar')}; ${mib('redis')}`,
    'answers to the hostile client:',
    ...[...answers].toSorted(([a], [b]) => a.localeCompare(b)).map(([answer, count]) => `  ${answer} × ${count}`),
  ];
}
