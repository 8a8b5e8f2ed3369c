import { inspectRedis, type RedisFacts, type RedisInspection } from '../../sidecar/store/redis/inspect-redis.ts';
import type { RedisAddress } from '../../sidecar/store/redis/redis-connection.ts';
import { isNewEnough, OLDEST_REDIS } from '../redis/version.ts';
import type { Finding } from './finding.ts';

/** Looks at the Redis there. Never rejects. */
export async function examineRedis(address: RedisAddress, where: string): Promise<Finding[]> {
  try {
    return judgeRedis(await inspectRedis(address), where);
  } catch (error) {
    const reason = reasonOf(error);
    if (/did not answer/.test(reason)) {
      const advice =
        'It is reached, but frozen, busy or overloaded: `redis-cli --latency`, and SLOWLOG GET once it answers.';
      return [{ level: 'fail', subject: 'Redis', found: `${reason}, at ${where}`, advice }];
    }
    const advice = /NOAUTH|WRONGPASS|NOPERM/.test(reason)
      ? 'Give the user and password in REDIS_URL (redis://user:password@host:port).'
      : 'Start it, or correct REDIS_URL (REDIS_HOST, REDIS_PORT, …). `redis-cli ping` tries the same by hand.';
    return [{ level: 'fail', subject: 'Redis', found: `cannot be reached at ${where}: ${reason}`, advice }];
  }
}

/** The first line of the innermost cause that says something. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return reasonOf(error.cause);
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

/** Beyond this a token may be valid here and not there, and ages are told wrongly. */
const MAX_SKEW_MS = 2000;
const FULL = 0.8;

/** What its facts mean for streams. */
export function judgeRedis({ servers, activeStreams }: RedisInspection, where: string): Finding[] {
  const several = servers.length > 1;
  return [
    ...servers.flatMap((facts, i) => judgeServer(facts, several ? `${where}, master ${i + 1}` : where)),
    { level: 'ok', subject: 'Redis keys', found: `${keptStreams(servers)} kept, ${activeStreams} active` },
  ];
}

function judgeServer(facts: RedisFacts, where: string): Finding[] {
  return [reached(facts, where), eviction(facts), memory(facts), persistence(facts), clock(facts)];
}

function reached({ version, role }: RedisFacts, where: string): Finding {
  const found = `${version} at ${where}`;
  if (!isNewEnough(version))
    return { level: 'fail', subject: 'Redis', found, advice: `Redis ${OLDEST_REDIS} or newer (or Valkey) is needed.` };
  if (role !== 'master')
    return {
      level: 'fail',
      subject: 'Redis',
      found: `${found} is a replica`,
      advice: 'Name the master, or its Sentinels in REDIS_SENTINELS.',
    };
  return { level: 'ok', subject: 'Redis', found };
}

function eviction({ evictionPolicy, maxBytes }: RedisFacts): Finding {
  const subject = 'Redis eviction';
  if (evictionPolicy === 'noeviction') return { level: 'ok', subject, found: evictionPolicy };
  const advice =
    'An evicted key is a lost answer: `redis-cli config set maxmemory-policy noeviction`, and in redis.conf.';
  return maxBytes > 0
    ? { level: 'fail', subject, found: `${evictionPolicy}, within ${megabytes(maxBytes)}`, advice }
    : { level: 'warn', subject, found: `${evictionPolicy}, as soon as maxmemory is set`, advice };
}

function memory({ usedBytes, maxBytes }: RedisFacts): Finding {
  const subject = 'Redis memory';
  if (maxBytes === 0)
    return {
      level: 'note',
      subject,
      found: `${megabytes(usedBytes)} used, no limit`,
      advice: 'On a server set maxmemory below what the machine has.',
    };
  const found = `${megabytes(usedBytes)} of ${megabytes(maxBytes)} used`;
  if (usedBytes < FULL * maxBytes) return { level: 'ok', subject, found };
  return {
    level: 'warn',
    subject,
    found,
    advice:
      'Full, it refuses new answers: raise maxmemory, lower STREAM_TTL_SECONDS, or `npm run streams -- cleanup --force`.',
  };
}

const persistence = ({ isAppendOnly }: RedisFacts): Finding =>
  isAppendOnly
    ? { level: 'ok', subject: 'Redis on disk', found: 'append-only file' }
    : {
        level: 'warn',
        subject: 'Redis on disk',
        found: 'no append-only file',
        advice: 'A restart of Redis may lose answers and conversations: set `appendonly yes`.',
      };

function clock({ clockAheadMs }: RedisFacts): Finding {
  const seconds = (Math.abs(clockAheadMs) / 1000).toFixed(1);
  if (Math.abs(clockAheadMs) <= MAX_SKEW_MS)
    return { level: 'ok', subject: 'Redis clock', found: `within ${seconds} s of ours` };
  return {
    level: 'warn',
    subject: 'Redis clock',
    found: `${seconds} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} ours`,
    advice: 'Let both machines follow NTP.',
  };
}

function keptStreams(servers: readonly RedisFacts[]): string {
  const count = servers.reduce((sum, { streams }) => sum + streams.count, 0);
  return `${servers.some(({ streams }) => streams.isPart) ? 'more than ' : ''}${count} ${count === 1 ? 'stream' : 'streams'}`;
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MB`;
