import { setTimeout as delay } from 'node:timers/promises';
import type { RedisConnection } from './redis-connection.ts';

/** What a Redis master reports about itself. */
export interface RedisServerHealth {
  usedBytes: number;
  /** 0: no limit. */
  maxBytes: number;
  /** Number of keys that Redis has evicted to free memory. */
  evictedKeys: number;
  clients: number;
}

/** A result is reused for this long. */
const MAX_AGE_MS = 3000;
/** The last known number of free bytes is used for no longer than this. */
const MAX_ROOM_AGE_MS = 30_000;
/** Callers wait no longer than this. Then Redis counts as unreachable. */
const PATIENCE_MS = 500;

/** Returns a function that resolves to the state of each master, or to `null` if Redis does not answer in time. */
export function createRedisHealth(redis: Pick<RedisConnection, 'call' | 'masters'>) {
  let known: RedisServerHealth[] | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;

  async function ask(): Promise<void> {
    askedAt = performance.now();
    known = await redis
      .call(redis.masters().then((masters) => Promise.all(masters.map((master) => master.info()))))
      .then((infos) => infos.map(healthIn))
      .catch(() => null);
    asking = null;
  }

  return async (): Promise<RedisServerHealth[] | null> => {
    if (asking === null && performance.now() - askedAt > MAX_AGE_MS) asking = ask();
    if (asking === null) return known;
    const late = delay(PATIENCE_MS, 'late' as const, { ref: false });
    return (await Promise.race([asking, late])) === 'late' ? null : known;
  };
}

/**
 * Returns a function that gives the smallest number of free bytes of any master. The function returns the last known number without
 * waiting, and reads a new number in the background. It returns `null` if the number is unknown or too old, or if no master has a
 * limit.
 */
export function createRoom(redisHealth: () => Promise<RedisServerHealth[] | null>): () => number | null {
  let room: number | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    void redisHealth().then((servers) => {
      const limited = (servers ?? []).filter(({ maxBytes }) => maxBytes > 0);
      room = limited.length === 0 ? null : Math.min(...limited.map(({ usedBytes, maxBytes }) => maxBytes - usedBytes));
      readAt = performance.now();
    });
    return performance.now() - readAt > MAX_ROOM_AGE_MS ? null : room;
  };
}

function healthIn(info: string): RedisServerHealth {
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    usedBytes: field('used_memory'),
    maxBytes: field('maxmemory'),
    evictedKeys: field('evicted_keys'),
    clients: field('connected_clients'),
  };
}
