import { createClient } from 'redis';
import { probeTransport } from './probe-transport.ts';
import type { RedisAddress } from '../redis-address.ts';
import { explainRedisError, isAmbiguous, NO_MASTER, type RedisProblem } from './redis-problem.ts';

const DEFAULT_PORT = 6379;
const SENTINEL_PORT = 26379;
const ANSWER_MS = 600;

/**
 * Looks for the reason why Redis cannot be reached. The error of the Redis client alone often does not show the reason, because the
 * error can have several causes. Resolves to `null` if the checks find nothing wrong. If `address` lists several nodes or Sentinels,
 * one that can be reached is enough.
 */
export async function diagnoseRedis(address: RedisAddress): Promise<RedisProblem | null> {
  if ('url' in address) return probeTransport(targetOf(address.url, DEFAULT_PORT));
  const isSentinel = 'sentinels' in address;
  const targets = (isSentinel ? address.sentinels : address.clusterNodes).map((node) =>
    targetOf(node, isSentinel ? SENTINEL_PORT : DEFAULT_PORT),
  );
  const problems = await Promise.all(targets.map(probeTransport));
  const first = problems.indexOf(null);
  if (first < 0) return problems[0] ?? null;
  return isSentinel ? findMaster({ ...targets[first]!, masterName: address.masterName }) : null;
}

interface Target {
  host: string;
  port: number;
  isTls: boolean;
}

function targetOf(address: string, defaultPort: number): Target {
  const url = new URL(address.includes('://') ? address : `redis://${address}`);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    isTls: url.protocol === 'rediss:',
  };
}

/** Asks a Sentinel for the address of the master that is called `masterName`, and checks this address. */
async function findMaster({
  host,
  port,
  isTls,
  masterName,
}: Target & { masterName: string }): Promise<RedisProblem | null> {
  const socket = { host, port, connectTimeout: ANSWER_MS, socketTimeout: ANSWER_MS, reconnectStrategy: false as const };
  const client = createClient({
    socket: isTls ? { ...socket, tls: true } : socket,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
  });
  client.on('error', () => {
    /* the call that fails rejects with this error */
  });
  try {
    await client.connect();
    const reply = await client.sendCommand(['SENTINEL', 'get-master-addr-by-name', masterName]);
    if (!Array.isArray(reply)) return NO_MASTER;
    return await probeTransport({ host: String(reply[0]), port: Number(reply[1]), isTls });
  } catch (error) {
    const problem = explainRedisError(error);
    return isAmbiguous(problem) ? null : problem;
  } finally {
    client.destroy();
  }
}
