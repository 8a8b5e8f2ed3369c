import { randomUUID } from 'node:crypto';
import { createChats } from './chats.ts';
import { CONFIG_EXIT, ConfigError, readConfig, type Config } from './config.ts';
import { createAuth } from './http/auth.ts';
import { createOpenResponses } from './http/open-responses.ts';
import { createServer } from './http/server.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createModels } from './models/registry.ts';
import { createSchedule } from './schedule.ts';
import type { ChatStore } from './store/chat-store.ts';
import { createMemoryChatStore } from './store/memory-chat-store.ts';
import { createMemoryStreamStore } from './store/memory-stream-store.ts';
import { createRedisChatStore } from './store/redis-chat-store.ts';
import { connectRedis } from './store/redis-connection.ts';
import { createRedisStreamStore } from './store/redis-stream-store.ts';
import { createRedisSweepStore } from './store/redis-sweep-store.ts';
import type { StreamStore } from './store/stream-store.ts';
import type { SweepStore } from './store/sweep-store.ts';
import { listAllActive } from './streams/all-active.ts';
import { createStreamCleanup } from './streams/stream-cleanup.ts';
import { createStreamManager } from './streams/stream-manager.ts';

/** The composition root: everything is made here, once, and handed to what uses it. */
export interface Sidecar {
  url: string;
  /** Hands over what runs, after up to `drainMs`, and closes everything. */
  stop(drainMs: number): Promise<void>;
}

interface Stores {
  store: StreamStore;
  sweep: SweepStore;
  chatStore: ChatStore;
  isReady(): Promise<boolean>;
  close(): void;
}

export async function startSidecar({ config, log }: { config: Config; log: Log }): Promise<Sidecar> {
  const stores = await openStores({ config, log });
  const { store, sweep, chatStore } = stores;
  const { ttlMs, leaseMs, recovery, stallTimeoutMs, streamMaxBytes } = config;
  const models = createModels(config.models, { log });
  const manager = createStreamManager({
    store,
    chats: chatStore,
    resolveModel: (modelId) => models.resolve(modelId).model,
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
    log,
    ttlMs,
    leaseMs,
  });
  const responses = createOpenResponses();
  const server = createServer({
    authenticate: createAuth({ secret: config.secret }),
    manager,
    store,
    cleanup,
    allActive: () => listAllActive({ sweep, manager }),
    responses,
    log,
    chats: createChats({ chats: chatStore, store, manager }),
    models: () => ({ models: models.list(), defaultModelId: models.defaultModelId, resumable: store.resumable }),
    metrics: createMetrics({ manager, responses }),
    isReady: async () => !manager.isDraining && (await stores.isReady()),
    maxRequestBytes: config.maxRequestBytes,
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
    async stop(drainMs) {
      await manager.drain(drainMs);
      responses.cutAll();
      clearInterval(lease);
      schedule.stop();
      responses.stop();
      await server.close();
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
      isReady: async () => true,
      close: () => {},
    };
  }
  const redis = await connectRedis({ settings: { address: config.redis, leaseMs }, log });
  return {
    store: createRedisStreamStore({ redis, owner: randomUUID(), leaseMs, ttlMs }),
    sweep: createRedisSweepStore({ redis }),
    chatStore: createRedisChatStore({ redis, ttlMs: chatTtlMs }),
    isReady: () =>
      redis.call(Promise.all([redis.commands, redis.pages].map((client) => client.get('rejoin:probe')))).then(
        () => true,
        () => false,
      ),
    close: () => redis.close(),
  };
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog({ level: config.logLevel });
  const sidecar = await startSidecar({ config, log });
  log.info({ event: 'sidecar.listening', url: sidecar.url, store: config.redis ? 'redis' : 'memory' });

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
