import { until } from '../scripts/shared/wait.ts';
import { send } from './client.ts';
import { startCluster, LEASE_MS, type Cluster } from './cluster.ts';
import { planFaults, type Fault, type FaultKind, type Profile } from './faults.ts';
import { injectFaults } from './inject.ts';
import { keepTalking } from './live.ts';
import type { StreamResult } from './live-turn.ts';
import { createRandom } from './random.ts';
import { viewRedis, type RedisView } from './stored.ts';

export interface ChaosOptions {
  seed: string;
  /** How long faults are injected and conversations are started. */
  durationMs: number;
  sidecars: number;
  /** Use a Redis Cluster of three masters and three replicas, and a load balancer in front of the sidecars. */
  hasRedisCluster?: boolean;
  /** Number of conversations at the same time. */
  streams: number;
  profile: Profile;
  /** Longest planned answer in seconds, not counting pauses of the model. */
  longestAnswerS?: number;
  only?: readonly FaultKind[] | undefined;
  /** Ends the run early: nothing new is started. */
  signal?: AbortSignal;
  onFault?(fault: Fault): void;
  onResult?(result: StreamResult): void;
}

export interface ChaosReport {
  results: StreamResult[];
  faults: Map<FaultKind, number>;
  takeovers: number;
  /** How many logs were packed (PROTOCOL.md 8.7). */
  packed: number;
  /** All violations, each with the place where it was found. */
  problems: string[];
  /** Data for an investigation: the sidecars' output, and the bytes of the streams with problems. */
  evidence: Evidence[];
}

interface Evidence {
  name: string;
  content: string | Buffer;
}

/** Runs conversations through a cluster that breaks all the time, and reports the result. Leaves nothing running. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, durationMs, sidecars, streams, profile, hasRedisCluster = false } = options;
  const random = createRandom(`${profile}/${seed}`);
  const cluster = await startCluster({ sidecars, profile, hasRedisCluster });
  try {
    const view = await viewRedis(cluster.redis);
    try {
      const results: StreamResult[] = [];
      const evidence: Evidence[] = [];
      const over = AbortSignal.any([AbortSignal.timeout(durationMs), ...(options.signal ? [options.signal] : [])]);
      const live = {
        cluster,
        view,
        profile,
        longestAnswerS: options.longestAnswerS ?? 14,
        signal: over,
        onResult: (result: StreamResult) => {
          if (result.problems.length > 0) evidence.push(...evidenceOf(result));
          // The bytes of this stream have been checked. A long run that kept the bytes of all streams would need gigabytes.
          result.log = NOTHING;
          for (const reader of result.readers) reader.frames = [];
          results.push(result);
          options.onResult?.(result);
        },
      };
      const faults = planFaults({
        random: random.fork('faults'),
        durationMs,
        sidecars,
        networks: cluster.networks.length,
        hasRedisCluster,
        profile,
        only: options.only,
      });
      const [injection] = await Promise.all([
        injectFaults({ cluster, faults, signal: over, onFault: options.onFault ?? (() => {}) }),
        ...Array.from({ length: streams }, (_slot, slot) =>
          keepTalking({ ...live, name: String(slot), random: random.fork(`slot-${slot}`) }),
        ),
      ]);
      const problems = [
        ...injection.problems,
        ...results.flatMap((result) =>
          result.problems.map((problem) => `${result.streamId} (${result.modelId}): ${problem}`),
        ),
        ...(await checkAfterwards({ ...cluster, view })),
        ...cluster.sidecars.flatMap(({ name, process }) =>
          complaintsIn(process.output).map((line) => `${name}: ${line}`),
        ),
      ];
      const outputs = cluster.sidecars.map(({ name, process }) => ({ name: `${name}.log`, content: process.output }));
      const takeovers = outputs.reduce((sum, { content }) => sum + content.split('"stream.recovered"').length - 1, 0);
      const packed = await view.packed();
      return { results, faults: injection.counts, takeovers, packed, problems, evidence: [...outputs, ...evidence] };
    } finally {
      view.close();
    }
  } finally {
    await cluster.stop();
  }
}

const NOTHING = Buffer.alloc(0);

function evidenceOf({ streamId, log, readers }: StreamResult): Evidence[] {
  const file = streamId.replaceAll('/', '-');
  return [
    { name: `${file}.log.txt`, content: log },
    ...readers.flatMap((reader) => [
      { name: `${file}.${reader.name}.txt`, content: Buffer.concat(reader.frames) },
      { name: `${file}.${reader.name}.trail.txt`, content: reader.trail.join('\n') },
    ]),
  ];
}

/** This long after the end of a run, nothing may be left over, even if a process was lost. */
const SETTLED_WITHIN_MS = 10 * LEASE_MS;
/**
 * Used instead of `SETTLED_WITHIN_MS` if Redis may lose data. Turns that had been answered may then be back in the queue, and each
 * of them is answered again.
 */
const ANSWERED_AGAIN_WITHIN_MS = 180_000;

/** Checks that nothing is left over once everything has ended. */
async function checkAfterwards({ sidecars, losses, view }: Cluster & { view: RedisView }): Promise<string[]> {
  const withinMs = losses ? ANSWERED_AGAIN_WITHIN_MS : SETTLED_WITHIN_MS;
  let left: string[] = [];
  const isSettled = async () => {
    left = [
      ...(await view.indexed()),
      ...(await view.pointers()),
      ...(await view.waiting({ leaveOutHeld: losses !== null })),
      ...(await busy(sidecars)),
    ];
    return left.length === 0;
  };
  await until(isSettled, { everyMs: 250, signal: AbortSignal.timeout(withinMs) });
  const dead = sidecars.filter(({ process }) => !process.isRunning).map(({ name }) => `${name} does not run any more`);
  return [...left.map((what) => `left over: ${what}`), ...dead];
}

const GAUGES = /^(rejoin_(?:generations|followed_streams|readers)) (\d+)$/gm;

async function busy(sidecars: Cluster['sidecars']): Promise<string[]> {
  const found = await Promise.all(
    sidecars.map(async ({ name, url }) => {
      // `checkAfterwards` reports a sidecar that is gone.
      const { body } = await send(url, { path: '/metrics' }).catch(() => ({ body: '' }));
      return [...body.matchAll(GAUGES)].filter(([, , value]) => value !== '0').map(([line]) => `${name} ${line}`);
    }),
  );
  return found.flat();
}

/** Parts of log lines that a sidecar writes only if something is wrong. */
const COMPLAINTS = [
  '"stream.failed"',
  '"sidecar.failed"',
  '"recovery.failed"',
  '"code":"internal"',
  'UnhandledPromise',
];

/** A log line that contains this text says only that Redis is away, which is expected here. */
const PASSING = '"StoreUnavailable"';

const complaintsIn = (output: string): string[] =>
  output
    .split('\n')
    .filter((line) => COMPLAINTS.some((complaint) => line.includes(complaint)) && !line.includes(PASSING));
