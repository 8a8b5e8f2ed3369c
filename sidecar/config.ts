import { z } from 'zod';
import {
  choice,
  flag,
  host,
  httpUrl,
  isUrl,
  limit,
  list,
  listenHost,
  port,
  positiveNumber,
  readSettings,
  secret,
  shownValue,
  text,
  wholeNumber,
  type SettingProblem,
} from '../shared/settings.ts';
import type { FeedLimits } from './feed/feeds.ts';
import { SHARES_SETTING } from '../shared/chat/shares.ts';
import type { ForkLimits } from './chats/forks/fork-chat.ts';
import type { AdmissionLimits } from './limits/admission.ts';
import type { QuotaLimits } from './limits/quota.ts';
import type { ShareLimits } from './shares/shares.ts';
import type { OverloadLimits } from './limits/overload.ts';
import type { RoomSettings } from './rooms/room-settings.ts';
import type { RedisAddress } from './store/redis/redis-address.ts';

export { CONFIG_EXIT, ConfigError, MIN_SECRET_CHARS } from '../shared/settings.ts';

/** The longest delay of a timer in Node. */
const MAX_MS = 2_147_483_647;
const milliseconds = ({ min, max = MAX_MS }: { min: number; max?: number }) =>
  wholeNumber({ min, max, unit: 'milliseconds' });
const bytes = ({ min }: { min: number }) => wholeNumber({ min, unit: 'bytes' });
/** At most ten years: a longer TTL must be a mistake in the unit. */
const seconds = ({ min }: { min: number }) => wholeNumber({ min, max: 315_360_000, unit: 'seconds' });
const redisUrl = text.refine((value) => isUrl(value, ['redis:', 'rediss:']), {
  error: () =>
    'must be a URL like redis://user:password@host:6379 (rediss:// for TLS; percent-encode special characters of the password, for example @ as %40)',
});
const nodes = list.refine((items) => items.every(isNode), {
  error: () => 'must be addresses like 10.0.0.1:6379, separated by commas (rediss://host:port for TLS)',
});

function isNode(item: string): boolean {
  const url = URL.parse(item.includes('://') ? item : `redis://${item}`);
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^\/?$/.test(url.pathname);
}

const KIB = 1024;
const MIB = 1024 * KIB;

const environmentSchema = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: listenHost.default('127.0.0.1'),
  SIDECAR_PORT: port({ min: 0 }).default(4000),
  SIDECAR_SECRET: secret.optional(),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  REDIS_URL: redisUrl.optional(),
  REDIS_HOST: host.optional(),
  REDIS_PORT: port().default(6379),
  REDIS_USERNAME: text.optional(),
  REDIS_PASSWORD: text.optional(),
  REDIS_CLUSTER_NODES: nodes.default([]),
  REDIS_SENTINELS: nodes.default([]),
  REDIS_SENTINEL_NAME: text.default('mymaster'),

  STREAM_TTL_SECONDS: seconds({ min: 1 }).default(3600),
  CHAT_TTL_SECONDS: seconds({ min: 60 }).default(30 * 24 * 3600),
  CLEANUP_INTERVAL_MS: milliseconds({ min: 100 }).default(300_000),
  PACK_AFTER_MS: milliseconds({ min: 0 }).default(30_000),
  LEASE_MS: milliseconds({ min: 300, max: 600_000 }).default(5000),
  DRAIN_MS: milliseconds({ min: 0 }).default(20_000),
  RECOVERY: choice(['continue', 'restart', 'fail']).default('continue'),
  STALL_TIMEOUT_MS: milliseconds({ min: 100 }).default(60_000),
  FIRST_TOKEN_TIMEOUT_MS: milliseconds({ min: 100 }).default(600_000),
  ANSWER_TIMEOUT_MS: milliseconds({ min: 1000 }).default(3_600_000),
  STREAM_MAX_BYTES: bytes({ min: KIB }).default(16 * MIB),
  MEMORY_LOG_MAX_BYTES: bytes({ min: MIB }).default(64 * MIB),
  MAX_REQUEST_BYTES: bytes({ min: KIB }).default(MIB),

  MAX_ACTIVE_STREAMS_PER_USER: limit('answers').default(5),
  MAX_STARTS_PER_MINUTE: limit('answers').default(20),
  GUESTS_PER_ADDRESS: limit('guests').default(1),
  MAX_BYTES_PER_USER: limit('bytes').default(64 * MIB),
  MAX_CHATS_PER_USER: limit('chats').default(10_000),
  MAX_MESSAGES_PER_CHAT: limit('messages').default(10_000),
  MAX_QUEUED: limit('messages').default(10),
  MAX_FORK_BYTES: limit('bytes').default(16 * MIB),
  SHARES: choice(SHARES_SETTING).default('members'),
  MAX_SHARES_PER_USER: limit('pages').default(200),
  MAX_SHARE_BYTES: limit('bytes').default(2 * MIB),
  MAX_SHARE_OPENS_PER_MINUTE: limit('pages').default(120),
  MAX_READERS_PER_STREAM: limit('readers').default(500),
  MAX_READERS_PER_USER: limit('readers').default(1000),
  MAX_FEEDS_PER_USER: limit('feeds').default(20),
  MAX_FEEDS_PER_ROOM: limit('feeds').default(200),
  MAX_STREAMS: limit('answers').default(2000),
  MAX_MEMBERS: limit('members').default(50),
  MAX_INVITES: limit('invitations').default(20),
  MAX_ROOMS_PER_USER: limit('rooms').default(100),
  MAX_JOINS_PER_MINUTE: limit('joins').default(20),
  GUESTS_MAY_EDIT: flag.default(false),
  MAX_HEAP_BYTES: limit('bytes').optional(),
  MAX_RSS_BYTES: limit('bytes').optional(),
  MAX_EVENT_LOOP_DELAY_MS: limit('milliseconds').default(1000),

  GOOGLE_GENERATIVE_AI_API_KEY: text.optional(),
  GOOGLE_BASE_URL: httpUrl.optional(),
  GOOGLE_MODELS: list.default([]),
  ALLOW_UNLISTED_MODELS: flag.default(false),
  OPENAI_COMPATIBLE_BASE_URL: httpUrl.optional(),
  OPENAI_COMPATIBLE_API_KEY: text.optional(),
  OPENAI_COMPATIBLE_MODELS: list.default([]),
  SYNTHETIC_MODEL: flag.default(false),
  NODE_USE_ENV_PROXY: text.optional(),
  DEMO_SPEED: positiveNumber('times the usual speed').default(1),

  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
});

export interface Config {
  host: string;
  port: number;
  logLevel: string;
  /** The URL of an OTLP collector, without `/v1/traces`. Spans are made only if this URL is set. */
  otlpEndpoint?: string;
  secret: string;
  /** `null`: there is no Redis, and everything is kept in the memory of this process. */
  redis: RedisAddress | null;
  ttlMs: number;
  chatTtlMs: number;
  cleanupIntervalMs: number;
  /** Milliseconds from the end of a stream until its log is packed. */
  packAfterMs: number;
  leaseMs: number;
  drainMs: number;
  recovery: 'continue' | 'restart' | 'fail';
  stallTimeoutMs: number;
  firstTokenTimeoutMs: number;
  answerTimeoutMs: number;
  streamMaxBytes: number;
  memoryLogMaxBytes: number;
  maxRequestBytes: number;
  admission: AdmissionLimits;
  quota: QuotaLimits;
  messagesPerChat: number;
  queuedPerChat: number;
  forks: ForkLimits;
  shares: ShareLimits;
  readers: { perStream: number; perUser: number };
  feeds: FeedLimits;
  rooms: RoomSettings;
  overload: OverloadLimits;
  models: {
    googleApiKey?: string;
    googleBaseUrl?: string;
    googleModels: string[];
    refuseUnlisted: boolean;
    openaiCompatibleBaseUrl?: string;
    openaiCompatibleApiKey?: string;
    openaiCompatibleModels: string[];
    allowSynthetic: boolean;
    demoSpeed: number;
    useEnvProxy: boolean;
  };
}

/**
 * Reads every setting of the sidecar from the environment.
 *
 * @throws {ConfigError} that lists all settings that are wrong
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const env = readSettings(environment, environmentSchema, problemsBetween);
  return {
    host: env.HOST,
    port: env.SIDECAR_PORT,
    logLevel: env.LOG_LEVEL,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    secret: env.SIDECAR_SECRET!, // `problemsBetween` refuses settings without a secret
    redis: readRedis(env),
    ttlMs: env.STREAM_TTL_SECONDS * 1000,
    chatTtlMs: env.CHAT_TTL_SECONDS * 1000,
    cleanupIntervalMs: env.CLEANUP_INTERVAL_MS,
    packAfterMs: env.PACK_AFTER_MS,
    leaseMs: env.LEASE_MS,
    drainMs: env.DRAIN_MS,
    recovery: env.RECOVERY,
    stallTimeoutMs: env.STALL_TIMEOUT_MS,
    firstTokenTimeoutMs: env.FIRST_TOKEN_TIMEOUT_MS,
    answerTimeoutMs: env.ANSWER_TIMEOUT_MS,
    streamMaxBytes: env.STREAM_MAX_BYTES,
    memoryLogMaxBytes: env.MEMORY_LOG_MAX_BYTES,
    maxRequestBytes: env.MAX_REQUEST_BYTES,
    admission: {
      activeStreamsPerUser: env.MAX_ACTIVE_STREAMS_PER_USER,
      startsPerMinute: env.MAX_STARTS_PER_MINUTE,
      guestsPerAddress: env.GUESTS_PER_ADDRESS,
      streams: env.MAX_STREAMS,
    },
    quota: {
      bytesPerUser: env.MAX_BYTES_PER_USER,
      chatsPerUser: env.MAX_CHATS_PER_USER,
      guestsPerAddress: env.GUESTS_PER_ADDRESS,
    },
    messagesPerChat: env.MAX_MESSAGES_PER_CHAT,
    queuedPerChat: env.MAX_QUEUED,
    forks: { messages: env.MAX_MESSAGES_PER_CHAT, bytes: env.MAX_FORK_BYTES },
    shares: {
      setting: env.SHARES,
      perUser: env.MAX_SHARES_PER_USER,
      bytes: env.MAX_SHARE_BYTES,
      opensPerMinute: env.MAX_SHARE_OPENS_PER_MINUTE,
    },
    readers: { perStream: env.MAX_READERS_PER_STREAM, perUser: env.MAX_READERS_PER_USER },
    feeds: { perUser: env.MAX_FEEDS_PER_USER, perRoom: env.MAX_FEEDS_PER_ROOM },
    rooms: {
      members: env.MAX_MEMBERS,
      invites: env.MAX_INVITES,
      roomsPerUser: env.MAX_ROOMS_PER_USER,
      joinsPerMinute: env.MAX_JOINS_PER_MINUTE,
      guestsMayEdit: env.GUESTS_MAY_EDIT,
    },
    overload: {
      heapBytes: env.MAX_HEAP_BYTES ?? null,
      rssBytes: env.MAX_RSS_BYTES ?? null,
      eventLoopDelayMs: env.MAX_EVENT_LOOP_DELAY_MS,
    },
    models: {
      googleApiKey: env.GOOGLE_GENERATIVE_AI_API_KEY,
      googleBaseUrl: env.GOOGLE_BASE_URL,
      googleModels: env.GOOGLE_MODELS,
      refuseUnlisted: !env.ALLOW_UNLISTED_MODELS,
      openaiCompatibleBaseUrl: env.OPENAI_COMPATIBLE_BASE_URL,
      openaiCompatibleApiKey: env.OPENAI_COMPATIBLE_API_KEY,
      openaiCompatibleModels: env.OPENAI_COMPATIBLE_MODELS,
      allowSynthetic: env.SYNTHETIC_MODEL,
      demoSpeed: env.DEMO_SPEED,
      useEnvProxy: env.NODE_USE_ENV_PROXY === '1',
    },
  };
}

/**
 * Finds what a schema of one setting cannot find: a setting that has no effect without another one. A missing secret is reported
 * here too, with a hint.
 */
function problemsBetween(given: Record<string, string>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (given.SIDECAR_SECRET === undefined)
    problems.push({
      setting: 'SIDECAR_SECRET',
      message:
        'is missing: give at least 16 characters that only the sidecar and its callers know. `npm start` makes a secret',
    });
  for (const name of ['OPENAI_COMPATIBLE_MODELS', 'OPENAI_COMPATIBLE_API_KEY'])
    if (given[name] !== undefined && given.OPENAI_COMPATIBLE_BASE_URL === undefined)
      problems.push({
        setting: name,
        message: 'has no effect without OPENAI_COMPATIBLE_BASE_URL, the URL of the model server',
        given: shownValue(name, given[name]),
      });
  if (given.REDIS_USERNAME !== undefined && given.REDIS_PASSWORD === undefined)
    problems.push({
      setting: 'REDIS_USERNAME',
      message: 'has no effect without REDIS_PASSWORD',
      given: given.REDIS_USERNAME,
    });
  return problems;
}

/** A Cluster has precedence over Sentinels, Sentinels over a URL, and a URL over host, port and password. */
function readRedis(env: z.infer<typeof environmentSchema>): Config['redis'] {
  const username = env.REDIS_USERNAME;
  const password = env.REDIS_PASSWORD;
  if (env.REDIS_CLUSTER_NODES.length > 0) return { clusterNodes: env.REDIS_CLUSTER_NODES, username, password };
  if (env.REDIS_SENTINELS.length > 0)
    return { sentinels: env.REDIS_SENTINELS, masterName: env.REDIS_SENTINEL_NAME, username, password };
  if (env.REDIS_URL !== undefined) return { url: env.REDIS_URL };
  if (env.REDIS_HOST === undefined) return null;
  const login = password === undefined ? '' : `${encodeURIComponent(username ?? '')}:${encodeURIComponent(password)}@`;
  const host = env.REDIS_HOST.includes(':') ? `[${env.REDIS_HOST}]` : env.REDIS_HOST;
  return { url: `redis://${login}${host}:${env.REDIS_PORT}` };
}
