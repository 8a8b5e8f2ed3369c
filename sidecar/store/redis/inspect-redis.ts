import { createClient } from 'redis';
import type { Log } from '../../log.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import { ACTIVE_STREAMS } from './keys.ts';
import type { RedisClient } from './redis-client.ts';
import { connectRedis, type RedisAddress } from './redis-connection.ts';

/** What one Redis server (of a Cluster: each master) says about itself, as far as it matters to streams. */
export interface RedisFacts {
  version: string;
  role: string;
  usedBytes: number;
  /** 0: no limit. */
  maxBytes: number;
  evictionPolicy: string;
  isAppendOnly: boolean;
  /** Its clock minus ours. */
  clockAheadMs: number;
  /** Streams, active and ended, that are kept there. `isPart`: so many are among the first keys; there are more. */
  streams: { count: number; isPart: boolean };
}

export interface RedisInspection {
  servers: RedisFacts[];
  activeStreams: number;
}

const ANSWER_MS = 4000;
const MAX_SCANS = 200;
const SCAN_COUNT = 1000;
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Asks Redis what it is and what it holds; reads only. Rejects, with Redis's own reason, where it cannot be reached, and
 * with `StoreUnavailable` where it is reached and does not answer.
 */
export async function inspectRedis(address: RedisAddress): Promise<RedisInspection> {
  if ('url' in address) {
    const client = createClient({ url: address.url, socket: { connectTimeout: 3000, reconnectStrategy: false } });
    client.on('error', () => {
      /* said by the call that fails */
    });
    const { within, stop } = createDeadlines({ limitMs: ANSWER_MS });
    try {
      await within(client.connect());
      return await inspect(client as unknown as RedisClient, [client as unknown as RedisClient], within);
    } finally {
      stop();
      client.destroy();
    }
  }
  const redis = await connectRedis({ settings: { address, leaseMs: 1000 }, log: silent });
  try {
    return await inspect(redis.commands, await redis.masters(), redis.call);
  } finally {
    redis.close();
  }
}

/** Every single question has its deadline: all of them together may take long where Redis is far away. */
type Within = Deadlines['within'];

async function inspect(all: RedisClient, masters: readonly RedisClient[], within: Within): Promise<RedisInspection> {
  const [servers, activeStreams] = await Promise.all([
    Promise.all(masters.map((master) => factsOf(master, within))),
    within(all.zCard(ACTIVE_STREAMS)),
  ]);
  return { servers, activeStreams };
}

async function factsOf(server: RedisClient, within: Within): Promise<RedisFacts> {
  const info = await within(server.info());
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  return {
    version: field('redis_version'),
    role: field('role'),
    usedBytes: Number(field('used_memory')),
    maxBytes: Number(field('maxmemory')),
    evictionPolicy: field('maxmemory_policy'),
    isAppendOnly: field('aof_enabled') === '1',
    clockAheadMs: await clockAheadMs(server, within),
    streams: await countStreams(server, within),
  };
}

/** Measured against the middle of the question and its answer. */
async function clockAheadMs(server: RedisClient, within: Within): Promise<number> {
  const askedAt = Date.now();
  const [seconds, microseconds] = await within(server.time());
  const ours = (askedAt + Date.now()) / 2;
  return Math.round(Number(seconds) * 1000 + Number(microseconds) / 1000 - ours);
}

async function countStreams(server: RedisClient, within: Within): Promise<RedisFacts['streams']> {
  let cursor = '0';
  let count = 0;
  for (let scans = 0; scans < MAX_SCANS; scans++) {
    const reply = await within(server.scan(cursor, { MATCH: '{stream:*}:meta', COUNT: SCAN_COUNT }));
    count += reply.keys.length;
    cursor = String(reply.cursor);
    if (cursor === '0') return { count, isPart: false };
  }
  return { count, isPart: true };
}
