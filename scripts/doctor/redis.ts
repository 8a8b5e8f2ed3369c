import { diagnoseRedis } from '../../sidecar/store/redis/diagnose/diagnose-redis.ts';
import {
  inspectRedis,
  type RedisFacts,
  type RedisInspection,
} from '../../sidecar/store/redis/diagnose/inspect-redis.ts';
import { judgeServer, unfitness } from '../../sidecar/store/redis/diagnose/judge-server.ts';
import type { RedisAddress } from '../../sidecar/store/redis/redis-address.ts';
import { explainRedisError, isAmbiguous, type RedisProblem } from '../../sidecar/store/redis/diagnose/redis-problem.ts';
import type { Finding } from './finding.ts';

/** Checks the Redis at this address. Never rejects. */
export async function examineRedis(address: RedisAddress, where: string): Promise<Finding[]> {
  try {
    return judgeRedis(await inspectRedis(address), where);
  } catch (error) {
    const problem = explainRedisError(error);
    const found = isAmbiguous(problem) ? await diagnoseRedis(address).catch(() => null) : null;
    return [failure(where, found ?? problem)];
  }
}

const failure = (where: string, { reason, remedy }: RedisProblem): Finding => ({
  level: 'fail',
  subject: 'Redis',
  found: `${where} ${reason}`,
  advice: remedy,
});

/** The findings that follow from what the servers report about themselves. */
export function judgeRedis({ servers, activeStreams }: RedisInspection, where: string): Finding[] {
  const several = servers.length > 1;
  const unfit = servers.flatMap((facts) => unfitness(facts) ?? []);
  if (unfit.length > 0) return unfit.map((problem) => failure(where, problem));
  return [
    ...servers.flatMap((facts, i) => [
      reached(facts, several ? `${where}, master ${i + 1}` : where),
      ...judgeServer(facts),
    ]),
    { level: 'ok', subject: 'Redis keys', found: `${keptStreams(servers)} kept, ${activeStreams} active` },
  ];
}

function reached({ version, isValkey, refusal }: RedisFacts, where: string): Finding {
  // judgeServer reports a server that is full or cannot save to disk.
  if (refusal && refusal.kind !== 'full' && refusal.kind !== 'not_saving') return failure(where, refusal);
  return { level: 'ok', subject: 'Redis', found: `${isValkey ? 'Valkey ' : ''}${version} at ${where}` };
}

function keptStreams(servers: readonly RedisFacts[]): string {
  const count = servers.reduce((sum, { streams }) => sum + streams.count, 0);
  return `${servers.some(({ streams }) => streams.isPart) ? 'more than ' : ''}${count} ${count === 1 ? 'stream' : 'streams'}`;
}
