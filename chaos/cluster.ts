import { startTcpProxy, type TcpProxy } from '../e2e/stack/tcp-proxy.ts';
import { inRoot } from '../scripts/paths.ts';
import { freePort } from '../scripts/ports.ts';
import { startProcess, type TestProcess } from '../scripts/testing/process.ts';
import { startRedis, type TestRedis } from '../scripts/testing/redis.ts';
import { answersHttp } from '../scripts/wait.ts';
import { SECRET } from '../sidecar/testing/tokens.ts';
import type { Profile } from './faults.ts';

/** Several sidecars, each with a network of its own to one Redis; all of them real processes. */
export interface Cluster {
  redis: TestRedis;
  sidecars: Member[];
  stop(): Promise<void>;
}

export interface Member {
  name: string;
  url: string;
  process: TestProcess;
  /** Between it and Redis. */
  network: TcpProxy;
}

export const LEASE_MS = 1500;
/** Short, so that a drain hands over more than it waits for. */
export const DRAIN_MS = 400;

/** An append is acknowledged when it is on the disk; or only the snapshots are kept that a fault asks for. */
const REDIS_ARGS: Record<Profile, string[]> = {
  durable: ['--appendonly', 'yes', '--appendfsync', 'always'],
  lossy: ['--appendonly', 'no'],
};

/** Starts everything; whatever was started is stopped again if one part does not start. */
export async function startCluster({
  sidecars: count,
  profile,
  leaseMs = LEASE_MS,
}: {
  sidecars: number;
  profile: Profile;
  leaseMs?: number;
}): Promise<Cluster> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  try {
    const redis = await startRedis({ args: REDIS_ARGS[profile] });
    started.push(redis);
    const sidecars: Member[] = [];
    for (let index = 0; index < count; index++) {
      const network = await startTcpProxy({ target: { port: redis.port } });
      started.push(network);
      const member = await startMember({ name: `sidecar ${index}`, network, leaseMs });
      started.push(member.process);
      sidecars.push(member);
    }
    return { redis, sidecars, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `node sidecar/main.ts` on a port that it keeps when it is started again. */
async function startMember({
  name,
  network,
  leaseMs,
}: {
  name: string;
  network: TcpProxy;
  leaseMs: number;
}): Promise<Member> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = await startProcess({
    name,
    command: process.execPath,
    args: [inRoot('sidecar/main.ts')],
    env: { ...environment(network.port, leaseMs), SIDECAR_PORT: String(port) },
    ready: () => answersHttp(`${url}/healthz`),
  });
  return { name, url, process: started, network };
}

const environment = (redisPort: number, leaseMs: number) => ({
  HOST: '127.0.0.1',
  SIDECAR_SECRET: SECRET,
  REDIS_URL: `redis://127.0.0.1:${redisPort}`,
  REDIS_CLUSTER_NODES: '',
  SYNTHETIC_MODEL: '1',
  LEASE_MS: String(leaseMs),
  DRAIN_MS: String(DRAIN_MS),
  RECOVERY: 'continue',
  LOG_LEVEL: 'info',
  NODE_ENV: 'production',
});
