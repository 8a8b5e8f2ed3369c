import { z } from 'zod';
import type { AdmissionLimits } from './limits/admission.ts';
import type { OverloadLimits } from './limits/overload.ts';
import type { RedisAddress } from './store/redis/redis-address.ts';

const flag = z
  .enum(['', '0', '1', 'true', 'false'])
  .default('')
  .transform((value) => value === '1' || value === 'true');
const ms = z.coerce.number().int();
/** 0: no limit. */
const count = z.coerce.number().int().min(0);
const port = z.coerce.number().int().min(0).max(65535);
/** An empty setting is none: `.env.example` lists them so. */
const text = z
  .string()
  .trim()
  .transform((value) => (value === '' ? undefined : value))
  .optional();
const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

export const MIN_SECRET_CHARS = 16;

const environmentSchema = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z.string().default('127.0.0.1'),
  SIDECAR_PORT: port.default(4000),
  SIDECAR_SECRET: text,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  REDIS_URL: text,
  REDIS_HOST: text,
  REDIS_PORT: port.default(6379),
  REDIS_USERNAME: text,
  REDIS_PASSWORD: text,
  REDIS_CLUSTER_NODES: list,
  REDIS_SENTINELS: list,
  REDIS_SENTINEL_NAME: z.string().default('mymaster'),

  STREAM_TTL_SECONDS: z.coerce.number().int().min(1).default(3600),
  CHAT_TTL_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(30 * 24 * 3600),
  CLEANUP_INTERVAL_MS: ms.min(100).default(300_000),
  LEASE_MS: ms.min(300).max(600_000).default(5000),
  DRAIN_MS: ms.min(0).default(20_000),
  RECOVERY: z.enum(['continue', 'restart', 'fail']).default('continue'),
  STALL_TIMEOUT_MS: ms.min(100).default(60_000),
  FIRST_TOKEN_TIMEOUT_MS: ms.min(100).default(600_000),
  ANSWER_TIMEOUT_MS: ms.min(1000).default(3_600_000),
  STREAM_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(16 * 1024 * 1024),
  MEMORY_LOG_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024 * 1024)
    .default(64 * 1024 * 1024),
  MAX_REQUEST_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(1024 * 1024),

  MAX_ACTIVE_STREAMS_PER_USER: count.default(5),
  MAX_STARTS_PER_MINUTE: count.default(20),
  GUESTS_PER_ADDRESS: count.default(1),
  MAX_READERS_PER_STREAM: count.default(500),
  MAX_READERS_PER_USER: count.default(1000),
  MAX_STREAMS: count.default(2000),
  MAX_HEAP_BYTES: count.optional(),
  MAX_RSS_BYTES: count.optional(),
  MAX_EVENT_LOOP_DELAY_MS: count.default(1000),

  GOOGLE_GENERATIVE_AI_API_KEY: text,
  GOOGLE_BASE_URL: text,
  GOOGLE_MODELS: list,
  ALLOW_UNLISTED_MODELS: flag,
  OPENAI_COMPATIBLE_BASE_URL: text,
  OPENAI_COMPATIBLE_API_KEY: text,
  OPENAI_COMPATIBLE_MODELS: list,
  SYNTHETIC_MODEL: flag,
  NODE_USE_ENV_PROXY: text,
  DEMO_SPEED: z.coerce.number().positive().default(1),

  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
});

export interface Config {
  host: string;
  port: number;
  logLevel: string;
  /** Where spans are sent to; left out: nowhere. */
  otlpEndpoint?: string;
  secret: string;
  /** `null`: no Redis, everything in the memory of this process. */
  redis: RedisAddress | null;
  ttlMs: number;
  chatTtlMs: number;
  cleanupIntervalMs: number;
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
  readers: { perStream: number; perUser: number };
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

/** A setting that cannot be used: the message names it and says what to do. The process exits with {@link CONFIG_EXIT}. */
export class ConfigError extends Error {}
/** EX_CONFIG of sysexits.h: no use in starting again. */
export const CONFIG_EXIT = 78;

/** Reads every setting of the sidecar from the environment. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  // An empty value is as good as none, also for numbers and choices.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new ConfigError(`${path.join('.')}: ${message}`);
  }
  const env = parsed.data;
  return {
    host: env.HOST,
    port: env.SIDECAR_PORT,
    logLevel: env.LOG_LEVEL,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    secret: readSecret(env.SIDECAR_SECRET),
    redis: readRedis(env),
    ttlMs: env.STREAM_TTL_SECONDS * 1000,
    chatTtlMs: env.CHAT_TTL_SECONDS * 1000,
    cleanupIntervalMs: env.CLEANUP_INTERVAL_MS,
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
    readers: { perStream: env.MAX_READERS_PER_STREAM, perUser: env.MAX_READERS_PER_USER },
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

function readSecret(secret: string | undefined): string {
  if (secret === undefined) {
    throw new ConfigError(
      'SIDECAR_SECRET: is needed, at least 16 characters that only the sidecar and its callers know. `npm start` makes one.',
    );
  }
  if (secret.length < MIN_SECRET_CHARS)
    throw new ConfigError(`SIDECAR_SECRET: needs at least ${MIN_SECRET_CHARS} characters.`);
  return secret;
}

/** A Cluster wins over Sentinels, these over a URL, and a URL, whole, over host, port and password. */
function readRedis(env: z.infer<typeof environmentSchema>): Config['redis'] {
  const username = env.REDIS_USERNAME;
  const password = env.REDIS_PASSWORD;
  if (env.REDIS_CLUSTER_NODES.length > 0) return { clusterNodes: env.REDIS_CLUSTER_NODES, username, password };
  if (env.REDIS_SENTINELS.length > 0)
    return { sentinels: env.REDIS_SENTINELS, masterName: env.REDIS_SENTINEL_NAME, username, password };
  if (env.REDIS_URL !== undefined) {
    if (!/^rediss?:\/\//.test(env.REDIS_URL)) throw new ConfigError('REDIS_URL: must begin with redis:// or rediss://');
    return { url: env.REDIS_URL };
  }
  if (env.REDIS_HOST === undefined) return null;
  const login = password === undefined ? '' : `${encodeURIComponent(username ?? '')}:${encodeURIComponent(password)}@`;
  return { url: `redis://${login}${env.REDIS_HOST}:${env.REDIS_PORT}` };
}
