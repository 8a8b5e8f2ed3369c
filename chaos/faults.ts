import type { Random } from './random.ts';

/** What is broken, at which moment of the run, and for how long. */
export interface Fault {
  atMs: number;
  kind: FaultKind;
  /** Which sidecar, which network, or which master of a Cluster; meaningless for a fault of a single Redis. */
  index: number;
  forMs: number;
}

/**
 * `durable`: whatever Redis acknowledged it still has afterwards. `lossy`: it also loses what it acknowledged, all of
 * it or what came after a moment in the past, as a failover does.
 */
export type Profile = 'durable' | 'lossy';

const KINDS = {
  /** SIGKILL, and started again after `forMs`. */
  'sidecar killed': { weight: 5, on: 'sidecar', forMs: [0, 1500] },
  /** SIGTERM, waited for, started again. */
  'sidecar drained': { weight: 4, on: 'sidecar', forMs: [0, 300] },
  /** SIGSTOP for less than a lease … */
  'sidecar frozen, shortly': { weight: 2, on: 'sidecar', forMs: [200, 1000] },
  /** … and for so long that another takes its streams over. */
  'sidecar frozen': { weight: 2, on: 'sidecar', forMs: [2500, 6000] },
  'connections reset': { weight: 3, on: 'network', forMs: [0, 0] },
  /** Redis does what it is told, and nobody hears of it; then the connections are reset. */
  'replies lost': { weight: 4, on: 'network', forMs: [20, 800] },
  /** As if the cable were pulled: nothing is refused, nothing arrives, all of it comes later. */
  'requests held': { weight: 2, on: 'network', forMs: [300, 4000] },
  'replies held': { weight: 2, on: 'network', forMs: [300, 4000] },
  /** No Redis for this sidecar alone, for shorter or longer than a lease. */
  'cut off from Redis': { weight: 3, on: 'network', forMs: [500, 5000] },
  'slow network': { weight: 1, on: 'network', forMs: [1000, 3000] },
  'Redis killed': { weight: 2, on: 'redis', forMs: [0, 1500] },
  'Redis frozen': { weight: 1, on: 'redis', forMs: [3000, 10_000] },
  /** FLUSHALL. */
  'Redis emptied': { weight: 2, on: 'redis', forMs: [0, 0] },
  /** Killed, and back as it was `forMs` before. */
  'Redis set back': { weight: 3, on: 'redis', forMs: [200, 3000] },
  /** SIGKILL, and started again: as the master it was, or as a replica of the one that was made master meanwhile. */
  'master killed': { weight: 4, on: 'masters', forMs: [0, 8000] },
  'master frozen': { weight: 2, on: 'masters', forMs: [1000, 8000] },
  /** CLUSTER FAILOVER: a replica takes over when it has everything. */
  'replica promoted': { weight: 4, on: 'masters', forMs: [0, 0] },
  /** The slots of streams that are written now, and of the index, with so much time between two keys. */
  'slots moved': { weight: 8, on: 'masters', forMs: [0, 400] },
} as const satisfies Record<
  string,
  { weight: number; on: 'sidecar' | 'network' | 'redis' | 'masters'; forMs: readonly [number, number] }
>;

export type FaultKind = keyof typeof KINDS;
export const FAULT_KINDS = Object.keys(KINDS) as FaultKind[];

/** Where it breaks something: two faults of one place never overlap. */
export const placeOf = ({ kind, index }: Fault): string => {
  const { on } = KINDS[kind];
  return on === 'sidecar' || on === 'network' ? `${on} ${index}` : 'redis';
};

const LOSSES: readonly FaultKind[] = ['Redis emptied', 'Redis set back'];
/** Time between two faults. With this many a stream seldom loses more owners than it may. */
const EVERY_MS = [700, 4500] as const;

/** All faults of a run, in the order of their time. */
export function planFaults({
  random,
  durationMs,
  sidecars,
  networks,
  hasRedisCluster,
  profile,
  only,
}: {
  random: Random;
  durationMs: number;
  /** How many there are of each. */
  sidecars: number;
  networks: number;
  hasRedisCluster: boolean;
  profile: Profile;
  /** Faults of these kinds only, to narrow a problem down. */
  only?: readonly FaultKind[];
}): Fault[] {
  const isLeftOut = (kind: FaultKind) =>
    KINDS[kind].on === (hasRedisCluster ? 'redis' : 'masters') ||
    (only ? !only.includes(kind) : profile === 'durable' && LOSSES.includes(kind));
  const weights = Object.fromEntries(
    Object.entries(KINDS).map(([kind, { weight }]) => [kind, isLeftOut(kind as FaultKind) ? 0 : weight]),
  ) as Record<FaultKind, number>;
  const faults: Fault[] = [];
  for (let atMs = random.int(...EVERY_MS); atMs < durationMs; atMs += random.int(...EVERY_MS)) {
    const kind = random.weighted(weights);
    const [min, max]: readonly [number, number] = KINDS[kind].forMs;
    const count = KINDS[kind].on === 'network' ? networks : sidecars;
    faults.push({ atMs, kind, index: random.int(0, count - 1), forMs: random.int(min, max) });
  }
  return faults;
}
