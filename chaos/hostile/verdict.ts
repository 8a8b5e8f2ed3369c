import type { HostileReport } from './hostile.ts';

/** Allowed growth during the attack: enough for the largest requests that may be held at one time, and for normal work. */
const MAX_GROWTH_MIB = { app: 400, sidecar: 400, redis: 200 } as const;
/** Allowed growth after the attack. Nothing runs then, so only garbage collection moves the figures. */
const MAX_LATE_GROWTH_MIB = { app: 24, sidecar: 24, redis: 4 } as const;
/** What an attack may leave: memory that V8 keeps for later use, and in Redis the data that guests may store. */
const MAX_LEFT_MIB = { app: 250, sidecar: 250, redis: 150 } as const;
/** A p99 latency below this may be noise of the machine, so it is never a problem. */
const MIN_P99_MS = 50;

/** The problems in a report; empty if there are none. `isTimed`: also checks the latency, which depends on the machine. */
export function shortcomings(
  report: HostileReport,
  { streams, isTimed }: { streams: number; isTimed: boolean },
): string[] {
  const { calm, attacked, memory, answers } = report;
  const missing = [...report.problems];
  if (report.whole !== streams) missing.push(`${report.whole} of ${streams} honest readers had their whole answer`);
  for (const [answer, count] of answers) if (/: 500$/.test(answer)) missing.push(`${answer}, ${count} times`);
  for (const name of ['app', 'sidecar', 'redis'] as const) {
    const grown = memory.largest[name] - memory.before[name];
    if (grown > MAX_GROWTH_MIB[name]) missing.push(`${name} grew by ${grown.toFixed(0)} MiB`);
    const late = memory.after[name] - memory.settled[name];
    if (late > MAX_LATE_GROWTH_MIB[name]) missing.push(`${name} grew by ${late.toFixed(0)} MiB after the attack`);
    const left = memory.after[name] - memory.before[name];
    if (left > MAX_LEFT_MIB[name]) missing.push(`${name} keeps ${left.toFixed(0)} MiB from the attack`);
  }
  const limit = Math.max(2 * calm.p99, MIN_P99_MS);
  if (isTimed && attacked.p99 > limit)
    missing.push(`p99 is ${attacked.p99.toFixed(0)} ms, more than ${limit.toFixed(0)} ms`);
  return missing;
}

export function figures({ calm, attacked, whole, memory, answers }: HostileReport): string[] {
  const mib = (name: 'app' | 'sidecar' | 'redis') =>
    (['before', 'largest', 'settled', 'after'] as const).map((when) => memory[when][name].toFixed(0)).join(' → ');
  return [
    `honest answers that came whole: ${whole}`,
    `latency alone:    p50 ${calm.p50.toFixed(1)} ms, p99 ${calm.p99.toFixed(1)} ms`,
    `latency attacked: p50 ${attacked.p50.toFixed(1)} ms, p99 ${attacked.p99.toFixed(1)} ms`,
    `memory in MiB, before → largest → settled → after: app ${mib('app')}; sidecar ${mib('sidecar')}; redis ${mib('redis')}`,
    'responses to the hostile client:',
    ...[...answers].toSorted(([a], [b]) => a.localeCompare(b)).map(([answer, count]) => `  ${answer} × ${count}`),
  ];
}
