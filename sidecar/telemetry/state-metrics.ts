import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { RedisServerHealth } from '../store/redis/redis-health.ts';

/** Sources that are read at each scrape. */
export interface StateSources {
  generations(): number;
  followed(): number;
  readers(): number;
  feeds(): number;
  isDraining(): boolean;
  /** Resolves to `null` if Redis is away. Left out if there is no Redis. */
  redisHealth?: () => Promise<RedisServerHealth[] | null>;
}

/** Metrics of the current state. Returns a function that updates them, to be called before each scrape. */
export function createStateMetrics({
  registry,
  redisHealth,
  ...sources
}: StateSources & { registry: Registry }): () => Promise<void> {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const generations = gauge('rejoin_generations', 'Streams that are written by this process');
  const followed = gauge(
    'rejoin_followed_streams',
    'Streams that another process writes and that have readers at this process',
  );
  const readers = gauge('rejoin_readers', 'Readers that are connected to this process');
  const feeds = gauge('rejoin_feeds', 'Feeds of rooms that are open at this process');
  const ready = gauge('rejoin_ready', '1 while this process takes requests: it is not draining, and Redis answers');
  const utilization = gauge(
    'rejoin_event_loop_utilization',
    'Share of time the event loop was busy since the last scrape',
  );
  const lookAtRedis = redisHealth && createRedisMetrics({ registry, redisHealth });
  let utilizationBefore = performance.eventLoopUtilization();

  return async () => {
    const isReachable = lookAtRedis ? await lookAtRedis() : true;
    ready.set(isReachable && !sources.isDraining() ? 1 : 0);
    generations.set(sources.generations());
    followed.set(sources.followed());
    readers.set(sources.readers());
    feeds.set(sources.feeds());
    const now = performance.eventLoopUtilization();
    utilization.set(performance.eventLoopUtilization(now, utilizationBefore).utilization);
    utilizationBefore = now;
  };
}

/** @returns a function that updates the metrics of Redis and resolves to true if Redis can be reached */
function createRedisMetrics({
  registry,
  redisHealth,
}: {
  registry: Registry;
  redisHealth: () => Promise<RedisServerHealth[] | null>;
}): () => Promise<boolean> {
  const of = (name: string, help: string) => ({ name, help, labelNames: ['master'], registers: [registry] });
  const up = new Gauge({ name: 'rejoin_redis_up', help: '1 while Redis answers', registers: [registry] });
  const used = new Gauge(of('rejoin_redis_used_memory_bytes', 'Memory that a master uses'));
  const limit = new Gauge(of('rejoin_redis_max_memory_bytes', 'Memory that a master may use; 0: no limit'));
  const clients = new Gauge(of('rejoin_redis_clients', 'Connections to a master'));
  const evicted = new Counter(
    of('rejoin_redis_evicted_keys_total', 'Keys that a master has evicted since its start, to free memory'),
  );

  return async () => {
    const masters = await redisHealth();
    up.set(masters === null ? 0 : 1);
    for (const figure of [used, limit, clients, evicted]) figure.reset(); // there may be fewer masters than at the last scrape
    masters?.forEach(({ usedBytes, maxBytes, evictedKeys, clients: connections }, master) => {
      used.set({ master }, usedBytes);
      limit.set({ master }, maxBytes);
      clients.set({ master }, connections);
      evicted.inc({ master }, evictedKeys);
    });
    return masters !== null;
  };
}
