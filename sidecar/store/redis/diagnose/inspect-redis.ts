import { createClient } from 'redis';
import type { Log } from '../../../log.ts';
import { createDeadlines } from '../deadlines.ts';
import { ACTIVE_STREAMS } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import type { RedisAddress } from '../redis-address.ts';
import { connectRedis } from '../redis-connection.ts';
import { PROBE_KEY, probeWrite, readServerFacts, type ServerFacts, type Within } from './server-facts.ts';

export interface RedisFacts extends ServerFacts {
  /** How many streams this server stores. `isPart`: only a part of the keys was looked at, so there may be more. */
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
 * Reads what kind of server Redis is and what it holds. Rejects if Redis cannot be reached or does not answer. `explainRedisError`
 * finds the reason in the error.
 */
export async function inspectRedis(address: RedisAddress): Promise<RedisInspection> {
  if ('url' in address) {
    const client = createClient({
      url: address.url,
      maintNotifications: 'disabled',
      socket: { connectTimeout: 3000, reconnectStrategy: false },
    });
    client.on('error', () => {
      /* the call that fails rejects with this error */
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

/** Each command has its own deadline. All of them together may take long if Redis is far away. */
async function inspect(all: RedisClient, masters: readonly RedisClient[], within: Within): Promise<RedisInspection> {
  const isSingle = masters.length === 1;
  const servers = await Promise.all(
    masters.map(async (master): Promise<RedisFacts> => {
      const facts = await readServerFacts(master, within);
      // A Sentinel has no keys to count.
      const isStore = facts.mode !== 'sentinel';
      return {
        ...facts,
        refusal: isSingle && isStore ? await within(probeWrite(master, PROBE_KEY)) : null,
        streams: isStore ? await countStreams(master, within) : { count: 0, isPart: false },
      };
    }),
  );
  const isStore = servers.every(({ mode }) => mode !== 'sentinel');
  return { servers, activeStreams: isStore ? await within(all.zCard(ACTIVE_STREAMS)) : 0 };
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
