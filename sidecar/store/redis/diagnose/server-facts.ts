import { ErrorReply } from 'redis';
import type { RedisClient } from '../redis-client.ts';
import { explainRedisError, type RedisProblem } from './redis-problem.ts';

/** Facts about one Redis server (in a Cluster: one master) that matter to streams. */
export interface ServerFacts {
  /** For Valkey: its own version, not the Redis version that it reports for compatibility. */
  version: string;
  isValkey: boolean;
  role: string;
  /** `standalone`, `cluster` or `sentinel`. */
  mode: string;
  uptimeMs: number;
  usedBytes: number;
  /** 0: no limit. */
  maxBytes: number;
  evictionPolicy: string;
  isAppendOnly: boolean;
  /** True if the server's last save to disk failed. Not every such server refuses writes: see `refusal`. */
  isNotSaving: boolean;
  /** Why the server refuses writes now. `null`: the server accepts writes, or was not checked. */
  refusal: RedisProblem | null;
  /** The server's clock minus the clock of this machine. */
  clockAheadMs: number;
}

export type Within = <T>(promise: Promise<T>) => Promise<T>;

/** Sends two commands, each with its own deadline. Does not try to write, so `refusal` is always `null`. */
export async function readServerFacts(server: RedisClient, within: Within): Promise<ServerFacts> {
  const info = await within(server.info());
  return factsInInfo(info, { clockAheadMs: await measureClock(server, within) });
}

function factsInInfo(info: string, { clockAheadMs }: { clockAheadMs: number }): ServerFacts {
  const fields = new Map(
    info.split('\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
    }),
  );
  const field = (name: string) => fields.get(name) ?? '';
  const valkey = field('valkey_version');
  return {
    version: valkey || field('redis_version'),
    isValkey: valkey !== '',
    role: field('role'),
    mode: field('redis_mode'),
    uptimeMs: Number(field('uptime_in_seconds')) * 1000,
    usedBytes: Number(field('used_memory')),
    maxBytes: Number(field('maxmemory')),
    evictionPolicy: field('maxmemory_policy'),
    isAppendOnly: field('aof_enabled') === '1',
    isNotSaving: field('rdb_last_bgsave_status') === 'err' || field('aof_last_write_status') === 'err',
    clockAheadMs,
    refusal: null,
  };
}

/** A key that never exists, for checks such as {@link probeWrite}. */
export const PROBE_KEY = 'rejoin:probe';

/**
 * Why a server refuses writes; `null` if it accepts them. SET with XX writes nothing if the key does not exist. A replica, a full
 * server, and a server that cannot save refuse the command nevertheless.
 */
export async function probeWrite(client: RedisClient, key: string): Promise<RedisProblem | null> {
  try {
    await client.set(key, '', { condition: 'XX' });
    return null;
  } catch (error) {
    if (error instanceof ErrorReply) return explainRedisError(error);
    throw error;
  }
}

/** The server's clock minus ours, in ms. Our time is taken halfway between the command and its reply. */
async function measureClock(server: RedisClient, within: Within): Promise<number> {
  const askedAt = Date.now();
  const [seconds, microseconds] = await within(server.time());
  const ours = (askedAt + Date.now()) / 2;
  return Math.round(Number(seconds) * 1000 + Number(microseconds) / 1000 - ours);
}
