import type { Random } from './random.ts';

export interface Fault {
  atMs: number;
  kind: FaultKind;
  /** Index of the sidecar, proxy or master. It is not used for a fault of a single Redis. */
  index: number;
  forMs: number;
}

/**
 * `durable`: Redis keeps everything that it acknowledged. `lossy`: Redis may lose everything, or everything after some moment,
 * as in a failover.
 */
export type Profile = 'durable' | 'lossy';

const KINDS = {
  /** SIGKILL, and a restart after `forMs`. */
  'sidecar killed': { weight: 5, on: 'sidecar', forMs: [0, 1500] },
  /** SIGTERM, wait for the exit, restart. */
  'sidecar drained': { weight: 4, on: 'sidecar', forMs: [0, 300] },
  /** SIGSTOP for less than a lease. */
  'sidecar frozen, shortly': { weight: 2, on: 'sidecar', forMs: [200, 1000] },
  /** SIGSTOP for longer than a lease, so that another sidecar takes over the streams of the frozen one. */
  'sidecar frozen': { weight: 2, on: 'sidecar', forMs: [2500, 6000] },
  'connections reset': { weight: 3, on: 'network', forMs: [0, 0] },
  /** Redis carries commands out, but the replies are lost; then the connections are reset. */
  'replies lost': { weight: 4, on: 'network', forMs: [20, 800] },
  /** Like a cable that is unplugged for a while: nothing is refused, and everything arrives afterwards. */
  'requests held': { weight: 2, on: 'network', forMs: [300, 4000] },
  'replies held': { weight: 2, on: 'network', forMs: [300, 4000] },
  /** One sidecar cannot reach Redis (with a Cluster: nobody can reach one node), for less or more than a lease. */
  'cut off from Redis': { weight: 3, on: 'network', forMs: [500, 5000] },
  'slow network': { weight: 1, on: 'network', forMs: [1000, 3000] },
  'Redis killed': { weight: 2, on: 'redis', forMs: [0, 1500] },
  'Redis frozen': { weight: 1, on: 'redis', forMs: [3000, 10_000] },
  /** FLUSHALL. */
  'Redis emptied': { weight: 2, on: 'redis', forMs: [0, 0] },
  /** Redis is killed and comes back with the data it had `forMs` before. */
  'Redis set back': { weight: 3, on: 'redis', forMs: [200, 3000] },
  /** SIGKILL and a restart. The node is a master again, or a replica if another node has become the master meanwhile. */
  'master killed': { weight: 4, on: 'masters', forMs: [0, 8000] },
  'master frozen': { weight: 2, on: 'masters', forMs: [1000, 8000] },
  /** CLUSTER FAILOVER: a replica takes over after it has received everything. */
  'replica promoted': { weight: 4, on: 'masters', forMs: [0, 0] },
  /** Moves the slots of some active streams, and the slot of the index of active streams, with a pause between two keys. */
  'slots moved': { weight: 8, on: 'masters', forMs: [0, 400] },
} as const satisfies Record<
  string,
  { weight: number; on: 'sidecar' | 'network' | 'redis' | 'masters'; forMs: readonly [number, number] }
>;

export type FaultKind = keyof typeof KINDS;
export const FAULT_KINDS = Object.keys(KINDS) as FaultKind[];

/** The place that a fault breaks. Two faults in one place never overlap. */
export const placeOf = ({ kind, index }: Fault): string => {
  const { on } = KINDS[kind];
  return on === 'sidecar' || on === 'network' ? `${on} ${index}` : 'redis';
};

const LOSSES: readonly FaultKind[] = ['Redis emptied', 'Redis set back'];
/** Time between two faults. With shorter times, many streams would be abandoned because they lose too many owners. */
const EVERY_MS = [700, 4500] as const;

/** All faults of a run, the earliest first. */
export function planFaults({
  random,
  durationMs,
  sidecars,
  networks,
  hasRedisCluster,
  profile,
  only,
  everyMs = EVERY_MS,
}: {
  random: Random;
  durationMs: number;
  /** Number of sidecars. `networks`: number of proxies on the way to Redis. */
  sidecars: number;
  networks: number;
  hasRedisCluster: boolean;
  profile: Profile;
  only?: readonly FaultKind[] | undefined;
  everyMs?: readonly [number, number];
}): Fault[] {
  const isLeftOut = (kind: FaultKind) =>
    KINDS[kind].on === (hasRedisCluster ? 'redis' : 'masters') ||
    (only ? !only.includes(kind) : profile === 'durable' && LOSSES.includes(kind));
  const weights = Object.fromEntries(
    Object.entries(KINDS).map(([kind, { weight }]) => [kind, isLeftOut(kind as FaultKind) ? 0 : weight]),
  ) as Record<FaultKind, number>;
  const faults: Fault[] = [];
  for (let atMs = random.int(...everyMs); atMs < durationMs; atMs += random.int(...everyMs)) {
    const kind = random.weighted(weights);
    const [min, max]: readonly [number, number] = KINDS[kind].forMs;
    const count = KINDS[kind].on === 'network' ? networks : sidecars;
    faults.push({ atMs, kind, index: random.int(0, count - 1), forMs: random.int(min, max) });
  }
  return faults;
}
