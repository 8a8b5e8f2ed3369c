import { inject } from 'vitest';
import { createLog } from '../sidecar/log.ts';
import { connectRedis, type RedisConnection } from '../sidecar/store/redis/redis-connection.ts';

/**
 * Many test files share one Redis server. These are the numbers of the databases on this server. A test file needs a database of its
 * own if the file empties the database, or if it tests the cleanup, which looks at all streams in the database.
 */
export const DATABASES = {
  streamStore: 9,
  chatStore: 10,
  sweepStore: 11,
  manager: 12,
  analytics: 13,
  admission: 14,
  follower: 15,
  packing: 7,
  connection: 6,
  cleanup: 5,
  templates: 4,
  feed: 3,
  shares: 2,
} as const;

export const silentLog = createLog({ level: 'silent' });

export function openRedis({
  database,
  url = inject('redisUrl'),
  leaseMs = 200,
}: {
  database?: number;
  url?: string;
  leaseMs?: number;
}): Promise<RedisConnection> {
  const address = { url: database === undefined ? url : `${url}/${database}` };
  return connectRedis({ settings: { address, leaseMs }, log: silentLog });
}
