import { randomUUID } from 'node:crypto';
import { ANALYTICS_KEPT_DAYS } from '../shared/analytics.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import type { AdmissionStore } from './store/counts/admission-store.ts';
import type { AnalyticsStore } from './store/counts/analytics-store.ts';
import { TEMPORARY_MS, type ChatStore } from './store/chats/chat-store.ts';
import { createMemoryAnalyticsStore } from './store/counts/memory-analytics-store.ts';
import { createMemoryUsageStore } from './store/counts/memory-usage-store.ts';
import { createRedisUsageStore } from './store/counts/redis-usage-store.ts';
import type { UsageStore } from './store/counts/usage-store.ts';
import { createMemoryAdmissionStore } from './store/counts/memory-admission-store.ts';
import { createMemoryChatStore } from './store/chats/memory-chat-store.ts';
import type { FeedStore } from './store/feed/feed-store.ts';
import { createMemoryBell } from './store/feed/memory-bell.ts';
import { createMemoryFeedStore } from './store/feed/memory-feed-store.ts';
import { createRedisFeedStore } from './store/feed/redis-feed-store.ts';
import { createMemoryStreamStore } from './store/streams/memory-stream-store.ts';
import { createRedisAdmissionStore } from './store/counts/redis-admission-store.ts';
import { createRedisReaderCounts, noOthers, type ReaderCounts } from './store/counts/reader-counts.ts';
import { createRedisAnalyticsStore } from './store/counts/redis-analytics-store.ts';
import { createRedisChatStore } from './store/chats/redis-chat-store.ts';
import { connectRedis } from './store/redis/redis-connection.ts';
import { createRedisHealth, createRoom, type RedisServerHealth } from './store/redis/redis-health.ts';
import type { PackStore } from './store/streams/pack-store.ts';
import { createRedisPackStore } from './store/streams/redis-pack-store.ts';
import { createRedisStreamStore } from './store/streams/redis-stream-store.ts';
import { createRedisSweepStore } from './store/streams/redis-sweep-store.ts';
import { createMemoryTemplateStore } from './store/templates/memory-template-store.ts';
import { createRedisTemplateStore } from './store/templates/redis-template-store.ts';
import { createMemoryShareStore } from './store/shares/memory-share-store.ts';
import { createRedisShareStore } from './store/shares/redis-share-store.ts';
import type { ShareStore } from './store/shares/share-store.ts';
import type { TemplateStore } from './store/templates/template-store.ts';
import type { StoreProblem, StreamStore } from './store/streams/stream-store.ts';
import type { SweepStore } from './store/streams/sweep-store.ts';

/** All stores of a sidecar, in Redis or in the memory of this process. */
export interface Stores {
  store: StreamStore;
  sweep: SweepStore;
  chatStore: ChatStore;
  feedStore: FeedStore;
  templateStore: TemplateStore;
  shareStore: ShareStore;
  analyticsStore: AnalyticsStore;
  readerCounts: ReaderCounts;
  admissionStore: AdmissionStore;
  usageStore: UsageStore;
  /** Left out if everything is in memory. */
  packStore?: PackStore;
  /** Why answers cannot be stored now; `null` if they can. */
  readiness(): Promise<StoreProblem | null>;
  /** The id of this process as an owner of streams; left out if everything is in memory. */
  owner?: string;
  /** Left out if everything is in memory. */
  redisHealth?: () => Promise<RedisServerHealth[] | null>;
  /** How many more bytes Redis could store, as last read; `null` if that is unknown, or if Redis has no limit. */
  roomBytes?: () => number | null;
  close(): void;
}

/** How often each sidecar reports the number of its readers per stream. */
export const READERS_TOLD_MS = 5000;

export async function openStores({ config, log }: { config: Config; log: Log }): Promise<Stores> {
  const { leaseMs, ttlMs, chatTtlMs } = config;
  if (config.redis === null) {
    log.warn({
      event: 'store.memory',
      note: 'No Redis is configured: answers are kept in memory and are lost when this process exits.',
    });
    const memory = createMemoryStreamStore({ leaseMs, ttlMs, maxBytes: config.memoryLogMaxBytes });
    const bell = createMemoryBell();
    const chatStore = createMemoryChatStore({ ttlMs: chatTtlMs, maxBytes: config.memoryLogMaxBytes, bell });
    return {
      store: memory,
      sweep: memory,
      chatStore,
      feedStore: createMemoryFeedStore({ chats: chatStore, bell }),
      templateStore: createMemoryTemplateStore({ ttlMs: chatTtlMs, maxBytes: config.memoryLogMaxBytes }),
      shareStore: createMemoryShareStore({ find: chatStore.sharedChat, chatTtlMs, temporaryMs: TEMPORARY_MS }),
      readerCounts: noOthers,
      analyticsStore: createMemoryAnalyticsStore({ keptHours: ANALYTICS_KEPT_DAYS * 24 }),
      admissionStore: createMemoryAdmissionStore(),
      usageStore: createMemoryUsageStore(),
      readiness: async () => null,
      close: () => {},
    };
  }
  const redis = await connectRedis({ settings: { address: config.redis, leaseMs }, log });
  const owner = randomUUID();
  const redisHealth = createRedisHealth(redis);
  return {
    owner,
    store: createRedisStreamStore({ redis, owner, leaseMs, ttlMs, waitMs: chatTtlMs }),
    sweep: createRedisSweepStore({ redis }),
    packStore: createRedisPackStore({ redis, ttlMs }),
    chatStore: createRedisChatStore({ redis, ttlMs: chatTtlMs }),
    feedStore: createRedisFeedStore({ redis }),
    templateStore: createRedisTemplateStore({ redis, ttlMs: chatTtlMs }),
    shareStore: createRedisShareStore({ redis, chatTtlMs }),
    readerCounts: createRedisReaderCounts({ redis, id: randomUUID(), keptMs: 3 * READERS_TOLD_MS }),
    analyticsStore: createRedisAnalyticsStore({ redis, keptMs: ANALYTICS_KEPT_DAYS * 24 * 3_600_000 }),
    admissionStore: createRedisAdmissionStore({ redis }),
    usageStore: createRedisUsageStore({ redis }),
    readiness: () => redis.readiness(),
    redisHealth,
    roomBytes: createRoom(redisHealth),
    close: () => redis.close(),
  };
}
