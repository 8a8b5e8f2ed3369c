import { randomUUID } from 'node:crypto';
import { ANALYTICS_KEPT_DAYS } from '../shared/analytics.ts';
import { createAnalytics } from './analytics/analytics.ts';
import { createChats } from './chats/chats.ts';
import { CONFIG_EXIT, ConfigError, readConfig, type Config } from './config.ts';
import { createAuth } from './http/auth.ts';
import { createOpenResponses } from './http/open-responses.ts';
import { createServer } from './http/server.ts';
import { createAdmission } from './limits/admission.ts';
import { createLog, type Log } from './log.ts';
import { createModels } from './models/registry.ts';
import { createSchedule } from './schedule.ts';
import type { AdmissionStore } from './store/counts/admission-store.ts';
import type { AnalyticsStore } from './store/counts/analytics-store.ts';
import type { ChatStore } from './store/chats/chat-store.ts';
import { createMemoryAnalyticsStore } from './store/counts/memory-analytics-store.ts';
import { createMemoryAdmissionStore } from './store/counts/memory-admission-store.ts';
import { createMemoryChatStore } from './store/chats/memory-chat-store.ts';
import { createMemoryStreamStore } from './store/streams/memory-stream-store.ts';
import { createRedisAdmissionStore } from './store/counts/redis-admission-store.ts';
import { createRedisReaderCounts, noOthers, type ReaderCounts } from './store/counts/reader-counts.ts';
import { createRedisAnalyticsStore } from './store/counts/redis-analytics-store.ts';
import { createRedisChatStore } from './store/chats/redis-chat-store.ts';
import { connectRedis } from './store/redis/redis-connection.ts';
import { createRedisHealth, type RedisServerHealth } from './store/redis/redis-health.ts';
import { createRedisStreamStore } from './store/streams/redis-stream-store.ts';
import { createRedisSweepStore } from './store/streams/redis-sweep-store.ts';
import type { StreamStore } from './store/streams/stream-store.ts';
import type { SweepStore } from './store/streams/sweep-store.ts';
import { findActive, listAllActive } from './streams/read/all-active.ts';
import { createStreamCleanup } from './streams/recover/stream-cleanup.ts';
import { createStreamManager } from './streams/stream-manager.ts';
import { createLifecycleLog } from './telemetry/lifecycle-log.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createModelLabel } from './telemetry/model-label.ts';
import { noTelemetry, tellAll } from './telemetry/telemetry.ts';
import { startTracing } from './telemetry/tracing.ts';

/** The composition root: everything is made here, once, and handed to what uses it. */
export interface Sidecar {
  url: string;
  /** As what it stands in Redis; left out where everything is in memory. */
  owner?: string;
  /** Hands over what runs, after up to `drainMs`, and closes everything. */
  stop(drainMs: number): Promise<void>;
}

interface Stores {
  store: StreamStore;
  sweep: SweepStore;
  chatStore: ChatStore;
  analyticsStore: AnalyticsStore;
  readerCounts: ReaderCounts;
  admissionStore: AdmissionStore;
  isReady(): Promise<boolean>;
  /** Names this process as an owner of streams; left out where everything is in memory. */
  owner?: string;
  /** Left out where everything is in memory. */
  redisHealth?: () => Promise<RedisServerHealth[] | null>;
  close(): void;
}

const ANALYTICS_FLUSH_MS = 5000;
const MEMORY_SAMPLE_MS = 60_000;
const READERS_TOLD_MS = 5000;

export async function startSidecar({ config, log }: { config: Config; log: Log }): Promise<Sidecar> {
  const stores = await openStores({ config, log });
  const { store, sweep, chatStore, readerCounts, owner } = stores;
  const { ttlMs, leaseMs, recovery, stallTimeoutMs, streamMaxBytes } = config;
  const models = createModels(config.models, { log });
  const metrics = createMetrics({
    modelLabel: createModelLabel(models.list()),
    redisHealth: stores.redisHealth,
    cleanupIntervalMs: config.cleanupIntervalMs,
  });
  const analytics = createAnalytics({ store: stores.analyticsStore });
  const tracing = config.otlpEndpoint === undefined ? undefined : await startTracing({ endpoint: config.otlpEndpoint });
  const telemetry = tellAll([
    createLifecycleLog(log, { owner }),
    metrics.telemetry,
    analytics.telemetry,
    tracing?.telemetry ?? noTelemetry,
  ]);
  const manager = createStreamManager({
    store,
    chats: chatStore,
    resolveModel: (modelId) => models.resolve(modelId).model,
    admission: createAdmission({ store: stores.admissionStore, streams: store, limits: config.admission, leaseMs }),
    telemetry,
    log,
    secret: config.secret,
    settings: { recovery, leaseMs, stallTimeoutMs, streamMaxBytes, keptMs: ttlMs },
  });
  const cleanup = createStreamCleanup({
    store,
    sweep,
    chats: chatStore,
    settler: manager.settler,
    recovery: manager.recovery,
    telemetry,
    ttlMs,
    leaseMs,
  });
  const responses = createOpenResponses();
  metrics.watch({
    generations: () => manager.generations.size,
    followed: () => manager.streams.followed,
    readers: () => responses.count,
    isDraining: () => manager.isDraining,
  });
  const server = createServer({
    authenticate: createAuth({ secret: config.secret }),
    manager,
    store,
    cleanup,
    allActive: () => listAllActive({ sweep, manager, readerCounts }),
    oneActive: (streamId) => findActive(streamId, { manager, readerCounts }),
    responses,
    telemetry,
    tracing,
    log,
    chats: createChats({ chats: chatStore, store, manager }),
    models: () => ({ models: models.list(), defaultModelId: models.defaultModelId, resumable: store.resumable }),
    report: (query) => analytics.report(query),
    metrics: metrics.read,
    isReady: async () => !manager.isDraining && (await stores.isReady()),
    maxRequestBytes: config.maxRequestBytes,
    readers: config.readers,
    overload: config.overload,
    patienceMs: stallTimeoutMs,
  });

  const schedule = createSchedule({ log });
  schedule.add({ name: 'tick', everyMs: 1000, run: () => manager.tick() });
  schedule.add({ name: 'recovery', everyMs: 1000, run: () => manager.recovery.sweep() });
  schedule.add({
    name: 'cleanup',
    everyMs: config.cleanupIntervalMs,
    run: async () => void (await cleanup.run({ action: 'expired' })),
  });
  schedule.add({ name: 'analytics', everyMs: ANALYTICS_FLUSH_MS, run: () => analytics.flush() });
  schedule.add({
    name: 'readers',
    everyMs: READERS_TOLD_MS,
    run: () => readerCounts.tell(manager.streams.readers()),
  });
  schedule.add({ name: 'memory', everyMs: MEMORY_SAMPLE_MS, run: () => analytics.sampleMemory() });
  analytics.sampleMemory().catch(() => {
    /* said when the schedule comes to it */
  });
  // Apart from the schedule: a lease must not wait for a sweep.
  const renew = () =>
    void manager.heartbeat().catch(() => {
      /* said again in a third of a lease */
    });
  const lease = setInterval(renew, leaseMs / 3);
  store.onReturn(renew);

  const url = await server.listen({ host: config.host, port: config.port });
  return {
    url,
    owner,
    async stop(drainMs) {
      await manager.drain(drainMs);
      responses.cutAll();
      clearInterval(lease);
      schedule.stop();
      responses.stop();
      await server.close();
      await analytics.flush().catch((error: unknown) => log.warn({ event: 'analytics.unsaved', error }));
      await tracing?.stop();
      stores.close();
    },
  };
}

async function openStores({ config, log }: { config: Config; log: Log }): Promise<Stores> {
  const { leaseMs, ttlMs, chatTtlMs } = config;
  if (config.redis === null) {
    log.warn({ event: 'store.memory', note: 'No Redis: answers live in the memory of this process and end with it.' });
    const memory = createMemoryStreamStore({ leaseMs, ttlMs, maxBytes: config.memoryLogMaxBytes });
    return {
      store: memory,
      sweep: memory,
      chatStore: createMemoryChatStore({ ttlMs: chatTtlMs, maxBytes: config.memoryLogMaxBytes }),
      readerCounts: noOthers,
      analyticsStore: createMemoryAnalyticsStore({ keptHours: ANALYTICS_KEPT_DAYS * 24 }),
      admissionStore: createMemoryAdmissionStore(),
      isReady: async () => true,
      close: () => {},
    };
  }
  const redis = await connectRedis({ settings: { address: config.redis, leaseMs }, log });
  const owner = randomUUID();
  return {
    owner,
    store: createRedisStreamStore({ redis, owner, leaseMs, ttlMs }),
    sweep: createRedisSweepStore({ redis }),
    chatStore: createRedisChatStore({ redis, ttlMs: chatTtlMs }),
    readerCounts: createRedisReaderCounts({ redis, id: randomUUID(), keptMs: 3 * READERS_TOLD_MS }),
    analyticsStore: createRedisAnalyticsStore({ redis, keptMs: ANALYTICS_KEPT_DAYS * 24 * 3_600_000 }),
    admissionStore: createRedisAdmissionStore({ redis }),
    isReady: () =>
      redis.call(Promise.all([redis.commands, redis.pages].map((client) => client.get('rejoin:probe')))).then(
        () => true,
        () => false,
      ),
    redisHealth: createRedisHealth(redis),
    close: () => redis.close(),
  };
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog({ level: config.logLevel });
  const sidecar = await startSidecar({ config, log });
  const { url, owner } = sidecar;
  log.info({ event: 'sidecar.listening', url, store: config.redis ? 'redis' : 'memory', owner });

  let isStopping = false;
  const stop = (signal: string) => {
    if (isStopping) process.exit(1); // asked twice: now
    isStopping = true;
    log.info({ event: 'sidecar.stopping', signal });
    sidecar.stop(config.drainMs).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ event: 'sidecar.failed', error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('uncaughtException', (error) => {
    // Not known to be recoverable: a fresh process takes its streams over.
    log.error({ event: 'sidecar.failed', error });
    process.exit(1);
  });
}

if (import.meta.main) {
  try {
    process.loadEnvFile();
  } catch {
    // no .env here: everything is in the environment, or a default
  }
  main().catch((error: unknown) => {
    console.error(error instanceof ConfigError ? `sidecar: ${error.message}` : error);
    process.exit(error instanceof ConfigError ? CONFIG_EXIT : 1);
  });
}
