import type { TestRedis } from '../testing/start-redis.ts';
import { pause } from '../scripts/shared/wait.ts';
import { keySlot } from '../sidecar/store/redis/key-slot.ts';
import { ACTIVE_STREAMS, logKey } from '../sidecar/store/redis/keys.ts';
import { failOver, migrateSlot, tell, type ClusterMember, type TestCluster } from '../testing/redis-cluster.ts';
import { isRedisCluster, type Cluster } from './cluster.ts';
import { placeOf, type Fault, type FaultKind } from './faults.ts';
import type { Losses } from './losses.ts';

/** Longest time for a drain, including the time in which Redis is away. */
const DRAINED_WITHIN_MS = 20_000;

/** Pause between two faults in one place, so that the place works some of the time. */
const REST_MS = 3000;

export interface Injection {
  counts: Map<FaultKind, number>;
  /** Problems that were found while faults were injected, such as a sidecar that does not drain. */
  problems: string[];
}

/**
 * Breaks the cluster by plan, and resolves when everything works again. Faults in one place wait for each other. Faults in
 * different places may overlap. Once `signal` aborts, no further fault of the plan begins.
 */
export async function injectFaults({
  cluster,
  faults,
  signal,
  onFault,
}: {
  cluster: Cluster;
  faults: readonly Fault[];
  signal: AbortSignal;
  onFault(fault: Fault): void;
}): Promise<Injection> {
  const counts: Injection['counts'] = new Map();
  const problems: string[] = [];
  const places = new Map<string, Promise<void>>();
  const startedAt = performance.now();

  for (const fault of faults) {
    await pause(fault.atMs - (performance.now() - startedAt), signal);
    if (signal.aborted) break;
    const place = placeOf(fault);
    const turn = (places.get(place) ?? Promise.resolve()).then(async () => {
      if (signal.aborted) return;
      onFault(fault);
      counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
      await inject(cluster, fault, problems).catch((error: unknown) => {
        problems.push(`${fault.kind}, ${placeOf(fault)}: ${error instanceof Error ? error.message : String(error)}`);
      });
      await pause(REST_MS, signal);
    });
    places.set(place, turn);
  }
  await Promise.all(places.values());
  return { counts, problems };
}

async function inject(cluster: Cluster, fault: Fault, problems: string[]): Promise<void> {
  const { kind, index, forMs } = fault;
  if (isRedisCluster(cluster.redis)) {
    const ofMaster = injectIntoMasters({ redis: cluster.redis, losses: cluster.losses }, fault);
    if (ofMaster) return ofMaster;
  }
  const redis = cluster.redis as TestRedis; // used only by the faults of a single Redis
  const { losses } = cluster;
  const { name, process } = cluster.sidecars[index % cluster.sidecars.length]!;
  const network = cluster.networks[index % cluster.networks.length]!;
  switch (kind) {
    case 'master killed':
    case 'master frozen':
    case 'replica promoted':
    case 'slots moved':
      throw new Error(`there is no Cluster for: ${kind}`);
    case 'sidecar killed':
      if (!process.isRunning) problems.push(`${name} did not run any more`);
      await process.kill('SIGKILL');
      await pause(forMs);
      return process.restart();
    case 'sidecar drained': {
      const ended = process.kill('SIGTERM').then(() => true);
      if (!(await Promise.race([ended, pause(DRAINED_WITHIN_MS).then(() => false)])))
        problems.push(`${name} was not drained within ${DRAINED_WITHIN_MS} ms`);
      else if ((await process.ended()) !== 0)
        problems.push(`${name} ended with ${await process.ended()} after a drain`);
      await pause(forMs);
      return process.restart();
    }
    case 'sidecar frozen':
    case 'sidecar frozen, shortly':
      process.freeze();
      await pause(forMs);
      return process.thaw();
    case 'connections reset':
      return network.cut();
    case 'replies lost':
      network.toClient = 'lose';
      await pause(forMs);
      network.cut(); // without this, replies after a gap would be matched to the wrong commands
      network.toClient = 'pass';
      return;
    case 'requests held':
      network.toTarget = 'hold';
      await pause(forMs);
      network.toTarget = 'pass';
      return;
    case 'replies held':
      network.toClient = 'hold';
      await pause(forMs);
      network.toClient = 'pass';
      return;
    case 'cut off from Redis':
      network.refuse();
      network.cut();
      await pause(forMs);
      return network.accept();
    case 'slow network':
      network.delayMs = 40;
      await pause(forMs);
      network.delayMs = 0;
      return;
    case 'Redis killed': {
      const worksAgain = losses?.lose('since the save');
      await redis.kill('SIGKILL');
      await pause(forMs);
      await redis.restart();
      return worksAgain?.();
    }
    case 'Redis frozen':
      redis.freeze();
      await pause(forMs);
      return redis.thaw();
    case 'Redis emptied': {
      const worksAgain = losses?.lose('all');
      await tell(redis, (client) => client.flushAll());
      return worksAgain?.();
    }
    case 'Redis set back': {
      losses?.save();
      await tell(redis, (client) => client.sendCommand(['SAVE']));
      await pause(forMs);
      const worksAgain = losses?.lose('since the save');
      await redis.kill('SIGKILL');
      await redis.restart();
      return worksAgain?.();
    }
  }
}

const SLOTS_AT_ONCE = 3;
const WHOLE_WITHIN_MS = 30_000;

/** Injects a fault that breaks a master of a Redis Cluster. Returns `null` for any other fault. */
function injectIntoMasters(
  { redis, losses }: { redis: TestCluster; losses: Losses | null },
  { kind, index, forMs }: Fault,
): Promise<void> | null {
  const chosen = async () => {
    await redis.untilWhole({ withinMs: WHOLE_WITHIN_MS });
    const masters = await redis.masters();
    return masters[index % masters.length]!;
  };
  switch (kind) {
    case 'master killed':
      return chosen().then(async (master) => {
        // A replica that takes over may lack any number of the latest writes, so everything counts as possibly lost.
        const worksAgain = losses?.lose('all');
        await master.redis.kill('SIGKILL');
        await pause(forMs);
        await master.redis.restart();
        await redis.untilWhole({ withinMs: WHOLE_WITHIN_MS });
        worksAgain?.();
      });
    case 'master frozen':
      return chosen().then(async (master) => {
        const worksAgain = losses?.lose('all');
        master.redis.freeze();
        await pause(forMs);
        master.redis.thaw();
        await redis.untilWhole({ withinMs: WHOLE_WITHIN_MS });
        worksAgain?.();
      });
    case 'replica promoted':
      return chosen().then(async (master) => {
        const [replica] = await redis.replicasOf(master);
        // While the network of the master or of its replica is broken, no replica is connected.
        if (replica) await failOver(replica);
      });
    case 'slots moved':
      return chosen().then((to) => moveSlots(redis, { to, pauseMs: forMs }));
    default:
      return null;
  }
}

async function moveSlots(redis: TestCluster, { to, pauseMs }: { to: ClusterMember; pauseMs: number }): Promise<void> {
  const index = await redis.ownerOf(keySlot(ACTIVE_STREAMS));
  const streamIds = await tell(index.redis, (client) => client.zRange(ACTIVE_STREAMS, 0, -1));
  const slots = new Set([...streamIds.map(logKey).slice(0, SLOTS_AT_ONCE), ACTIVE_STREAMS].map(keySlot));
  for (const slot of slots) await migrateSlot(redis, { slot, to, pauseMs });
}
