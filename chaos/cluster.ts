import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { freePort } from '../scripts/launch/ports.ts';
import { startProcess, type TestProcess } from '../testing/process.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import { answersHttp } from '../scripts/shared/wait.ts';
import { NO_LIMITS } from '../testing/no-limits.ts';
import { startRedisCluster, type TestCluster } from '../testing/redis-cluster.ts';
import { SECRET } from '../testing/tokens.ts';
import type { Profile } from './faults.ts';
import { startLoadBalancer } from './load-balancer.ts';
import { createLosses, type Losses } from './losses.ts';

/**
 * Several sidecars and their Redis, all of them real processes. Redis is either one server, with a separate proxy between each
 * sidecar and Redis, or a Redis Cluster, with a proxy in front of each node and a load balancer in front of the sidecars.
 */
export interface Cluster {
  redis: TestRedis | TestCluster;
  sidecars: Member[];
  /** The proxies between the sidecars and Redis. They can cut connections, and hold, delay or lose bytes. */
  networks: TcpProxy[];
  /** Where callers connect: every sidecar, or only the load balancer. */
  doors: { url: string }[];
  /** What Redis has lost; `null` if it keeps everything. */
  losses: Losses | null;
  stop(): Promise<void>;
}

export interface Member {
  name: string;
  url: string;
  process: TestProcess;
}

export const isRedisCluster = (redis: Cluster['redis']): redis is TestCluster => 'nodes' in redis;

export const LEASE_MS = 1500;
/** Short, so that a drained sidecar usually hands its streams over instead of waiting for them to end. */
export const DRAIN_MS = 400;

/**
 * `durable`: Redis acknowledges an append only after writing it to disk. `lossy`: Redis writes to disk only when a fault calls SAVE,
 * so a restart loses everything that is newer than the last SAVE.
 */
const REDIS_ARGS: Record<Profile, string[]> = {
  durable: ['--appendonly', 'yes', '--appendfsync', 'always'],
  lossy: ['--appendonly', 'no'],
};

/** A node that is away for longer than this counts as failed for the other nodes of the Cluster. */
const NODE_TIMEOUT_MS = 1500;
/**
 * A replica may lack what its master has just acknowledged. With `durable`, a replica therefore takes over only by CLUSTER
 * FAILOVER, which first waits until the replica has received everything.
 */
const FAILOVER_ARGS: Record<Profile, string[]> = { durable: ['--cluster-replica-no-failover', 'yes'], lossy: [] };

/** Starts everything. If one part fails to start, the others are stopped again. */
export async function startCluster({
  sidecars: count,
  profile,
  hasRedisCluster = false,
  leaseMs = LEASE_MS,
}: {
  sidecars: number;
  profile: Profile;
  hasRedisCluster?: boolean;
  leaseMs?: number;
}): Promise<Cluster> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  try {
    const sidecars: Member[] = [];
    const losses = profile === 'lossy' ? createLosses() : null;
    const startMembers = async (
      redisOf: (index: number) => Record<string, string> | Promise<Record<string, string>>,
    ) => {
      for (let index = 0; index < count; index++) {
        const member = await startMember({ name: `sidecar ${index}`, redis: await redisOf(index), leaseMs });
        started.push(member.process);
        sidecars.push(member);
      }
    };

    if (hasRedisCluster) {
      const redis = await startRedisCluster({
        replicas: 1,
        hasNetworks: true,
        nodeTimeoutMs: NODE_TIMEOUT_MS,
        args: [...REDIS_ARGS[profile], ...FAILOVER_ARGS[profile]],
      });
      started.push(redis);
      await startMembers(() => ({ REDIS_CLUSTER_NODES: redis.addresses }));
      const balancer = await startLoadBalancer(sidecars.map(({ url }) => Number(new URL(url).port)));
      started.push(balancer);
      const networks = redis.nodes.map(({ network }) => network!);
      return { redis, sidecars, networks, doors: [balancer], losses, stop };
    }

    const redis = await startRedis({ args: REDIS_ARGS[profile] });
    started.push(redis);
    const networks: TcpProxy[] = [];
    await startMembers(async () => {
      const network = await startTcpProxy({ target: { port: redis.port } });
      started.push(network);
      networks.push(network);
      return { REDIS_URL: `redis://127.0.0.1:${network.port}`, REDIS_CLUSTER_NODES: '' };
    });
    return { redis, sidecars, networks, doors: sidecars, losses, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs `node sidecar/main.ts` on a port that stays the same after a restart. */
async function startMember({
  name,
  redis,
  leaseMs,
}: {
  name: string;
  redis: Record<string, string>;
  leaseMs: number;
}): Promise<Member> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = await startProcess({
    name,
    command: process.execPath,
    args: [inRoot('sidecar/main.ts')],
    env: { ...environment(leaseMs), ...redis, SIDECAR_PORT: String(port) },
    ready: () => answersHttp(`${url}/healthz`),
  });
  return { name, url, process: started };
}

const environment = (leaseMs: number) => ({
  ...NO_LIMITS,
  HOST: '127.0.0.1',
  SIDECAR_SECRET: SECRET,
  SYNTHETIC_MODEL: '1',
  LEASE_MS: String(leaseMs),
  DRAIN_MS: String(DRAIN_MS),
  // Short, because the cleanup corrects wrong index entries, and the indexes must be correct soon after the run.
  CLEANUP_INTERVAL_MS: '10000',
  // Logs are packed soon after their end, so that some are packed while they are being read.
  PACK_AFTER_MS: '500',
  RECOVERY: 'continue',
  LOG_LEVEL: 'info',
  NODE_ENV: 'production',
});
