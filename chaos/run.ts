/**
 * `npm run chaos -- --seed N --minutes M [--sidecars 3] [--streams 30] [--profile durable|lossy] [--cluster]
 * [--only 'sidecar killed' --only …] [--verbose] [--keep]`
 *
 * Runs conversations while sidecars and Redis servers fail again and again, and checks every stream. If there is a problem,
 * exits with 1 and keeps the evidence in a folder. `--keep`: keeps the evidence in any case.
 *
 * `npm run chaos -- --removals --seed N --minutes M` removes and invites members of rooms instead (`rooms/removals.ts`).
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos, type ChaosReport } from './chaos.ts';
import { FAULT_KINDS, type Fault } from './faults.ts';
import { runRemovals } from './rooms/removals.ts';
import { summarize } from './summary.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    sidecars: { type: 'string', default: '3' },
    streams: { type: 'string', default: '30' },
    profile: { type: 'string', default: 'durable' },
    cluster: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    keep: { type: 'boolean', default: false },
    removals: { type: 'boolean', default: false },
  },
});
const { profile } = values;
if (profile !== 'lossy' && profile !== 'durable')
  throw new Error(`There is no profile "${profile}". There are: durable; lossy`);

// The first Ctrl-C ends the run early. After the second one this process exits immediately, and its children are killed.
const interrupted = new AbortController();
process.on('SIGINT', () => {
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});

const startedAt = performance.now();
const say = (text: string) => {
  if (values.verbose) console.log(`${((performance.now() - startedAt) / 1000).toFixed(2).padStart(8)}  ${text}`);
};

const only = values.only?.map((name) => {
  const kind = FAULT_KINDS.find((known) => known === name);
  if (!kind) throw new Error(`There is no fault "${name}". There are: ${FAULT_KINDS.join('; ')}`);
  return kind;
});
const common = {
  seed: values.seed,
  durationMs: Number(values.minutes) * 60_000,
  sidecars: Number(values.sidecars),
  only,
  signal: interrupted.signal,
  onFault: ({ kind, index, forMs }: Fault) => say(`${kind} (${index}, ${forMs} ms)`),
};

if (values.removals) {
  const { problems, ...counts } = await runRemovals({ ...common, rooms: 6, onRemoved: say });
  console.log([`seed ${values.seed}, removals`, JSON.stringify(counts), ...problems].join('\n  '));
  process.exit(problems.length > 0 ? 1 : 0);
}

const report = await runChaos({
  ...common,
  hasRedisCluster: values.cluster,
  streams: Number(values.streams),
  profile,
  onResult: ({ streamId, modelId, outcome, problems }) => say([streamId, modelId, outcome, ...problems].join('  ')),
});
const deployment = values.cluster ? 'Cluster' : 'one Redis';
console.log(
  summarize({
    seed: `${values.seed}, ${deployment}`,
    profile,
    seconds: (performance.now() - startedAt) / 1000,
    report,
  }),
);
if (report.problems.length > 0 || values.keep) console.log(`  evidence  ${keep(report)}`);
if (report.problems.length > 0) process.exitCode = 1;

function keep({ evidence }: ChaosReport): string {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-chaos-'));
  for (const { name, content } of evidence) writeFileSync(join(dir, name.replaceAll(' ', '-')), content);
  return dir;
}
