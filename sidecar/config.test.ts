import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const SECRET = 'sixteen characters';
const read = (settings: Record<string, string | undefined> = {}) => readConfig({ SIDECAR_SECRET: SECRET, ...settings });

function errorOf(settings: Record<string, string | undefined>): string {
  try {
    readConfig(settings);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('the settings were accepted');
}

describe('the settings of the sidecar', () => {
  test('have defaults for everything but the secret', () => {
    expect(read()).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      logLevel: 'info',
      secret: SECRET,
      redis: null,
      ttlMs: 3_600_000,
      cleanupIntervalMs: 300_000,
      leaseMs: 5000,
      recovery: 'continue',
      admission: { activeStreamsPerUser: 5, startsPerMinute: 20, guestsPerAddress: 1, streams: 2000 },
      readers: { perStream: 500, perUser: 1000 },
      overload: { heapBytes: null, rssBytes: null, eventLoopDelayMs: 1000 },
      models: { openaiCompatibleModels: [], allowSynthetic: false, demoSpeed: 1 },
    });
  });

  test('that are empty count as missing', () => {
    const names = [
      'HOST',
      'SIDECAR_PORT',
      'LOG_LEVEL',
      'REDIS_URL',
      'REDIS_HOST',
      'REDIS_PORT',
      'REDIS_PASSWORD',
      'STREAM_TTL_SECONDS',
      'CLEANUP_INTERVAL_MS',
      'PACK_AFTER_MS',
      'LEASE_MS',
      'RECOVERY',
      'GOOGLE_GENERATIVE_AI_API_KEY',
      'OPENAI_COMPATIBLE_MODELS',
      'SYNTHETIC_MODEL',
      'DEMO_SPEED',
    ];
    expect(read(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(read());
  });

  test('are used as given', () => {
    expect(
      read({
        HOST: '0.0.0.0',
        SIDECAR_PORT: '4711',
        STREAM_TTL_SECONDS: '60',
        CLEANUP_INTERVAL_MS: '2000',
        LEASE_MS: '1000',
        RECOVERY: 'restart',
        DRAIN_MS: '0',
        OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:11434/v1',
        OPENAI_COMPATIBLE_MODELS: 'llama3, qwen3:8b ,',
        SYNTHETIC_MODEL: '1',
        DEMO_SPEED: '2.5',
      }),
    ).toMatchObject({
      host: '0.0.0.0',
      port: 4711,
      ttlMs: 60_000,
      cleanupIntervalMs: 2000,
      leaseMs: 1000,
      recovery: 'restart',
      drainMs: 0,
      models: { openaiCompatibleModels: ['llama3', 'qwen3:8b'], allowSynthetic: true, demoSpeed: 2.5 },
    });
    expect(read({ SYNTHETIC_MODEL: 'false' }).models.allowSynthetic).toBe(false);
  });

  test.each([
    ['SIDECAR_PORT', 'abc'],
    ['SIDECAR_PORT', '65536'],
    ['SIDECAR_PORT', '-1'],
    ['STREAM_TTL_SECONDS', '0'],
    ['STREAM_TTL_SECONDS', '1.5'],
    ['CLEANUP_INTERVAL_MS', '1'],
    ['LEASE_MS', '299'],
    ['LEASE_MS', 'five'],
    ['RECOVERY', 'maybe'],
    ['LOG_LEVEL', 'loud'],
    ['SYNTHETIC_MODEL', 'yes please'],
    ['DEMO_SPEED', '0'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'http://localhost:6379'],
  ])('with a bad %s (%s) are refused with one line that names the setting and its value', (name, value) => {
    const message = errorOf({ SIDECAR_SECRET: SECRET, [name]: value });
    expect(message.startsWith(`${name} must be `)).toBe(true);
    expect(message).toContain(`given: ${value}`);
    expect(message).not.toContain('\n');
  });

  test('that are wrong are all listed in one error, with their values and units, but without secrets', () => {
    const message = errorOf({
      SIDECAR_SECRET: 'short-secret',
      LEASE_MS: '5s',
      STREAM_TTL_SECONDS: '1e3',
      RECOVERY: 'maybe',
      REDIS_URL: 'redis://user:hush@',
      OPENAI_COMPATIBLE_MODELS: 'llama3',
    });
    expect(message.split('\n')).toEqual([
      'SIDECAR_SECRET must be at least 16 characters long.',
      expect.stringMatching(/^REDIS_URL must be a URL like redis:.*; given: …@\.$/),
      'STREAM_TTL_SECONDS must be a whole number of seconds, 1 to 315360000; given: 1e3.',
      'LEASE_MS must be a whole number of milliseconds, 300 to 600000; given: 5s.',
      'RECOVERY must be one of continue, restart, fail; given: maybe.',
      'OPENAI_COMPATIBLE_MODELS has no effect without OPENAI_COMPATIBLE_BASE_URL, the URL of the model server; given: llama3.',
    ]);
    expect(message).not.toMatch(/short-secret|hush/);
  });

  test.each(['redis://default:hush', 'redis://u:hu,sh@h:99999', `redis://u:hush${'x'.repeat(400)}@`])(
    'with an invalid URL of Redis (%s) are refused with an error that does not contain the login',
    (url) => {
      const message = errorOf({ SIDECAR_SECRET: SECRET, REDIS_URL: url });
      expect(message).toMatch(/^REDIS_URL must be .*; given: .*…/);
      expect(message).not.toMatch(/hu|sh/);
    },
  );

  test('need a secret of at least 16 characters', () => {
    expect(errorOf({})).toMatch(/^SIDECAR_SECRET is missing/);
    expect(errorOf({ SIDECAR_SECRET: '   ' })).toMatch(/^SIDECAR_SECRET is missing/);
    expect(errorOf({ SIDECAR_SECRET: 'short' })).toMatch(/^SIDECAR_SECRET must be at least 16/);
    expect(errorOf({ SIDECAR_SECRET: 'short' })).not.toContain('short');
  });
});

describe('the address of Redis', () => {
  test('is a whole URL, or is made from host, port and password', () => {
    expect(read({ REDIS_HOST: 'redis.example' }).redis).toEqual({ url: 'redis://redis.example:6379' });
    expect(read({ REDIS_HOST: 'h', REDIS_PORT: '7000', REDIS_PASSWORD: 'p@ss/word' }).redis).toEqual({
      url: 'redis://:p%40ss%2Fword@h:7000',
    });
    const url = 'rediss://user:secret@h:1/3';
    expect(read({ REDIS_URL: url, REDIS_HOST: 'other', REDIS_PASSWORD: 'x' }).redis).toEqual({ url });
  });

  test('is a Cluster or a set of Sentinels if their nodes are configured', () => {
    expect(read({ REDIS_CLUSTER_NODES: 'a:1, b:2', REDIS_URL: 'redis://x' }).redis).toEqual({
      clusterNodes: ['a:1', 'b:2'],
      password: undefined,
    });
    expect(read({ REDIS_SENTINELS: 'a:1', REDIS_PASSWORD: 'x' }).redis).toEqual({
      sentinels: ['a:1'],
      masterName: 'mymaster',
      password: 'x',
    });
  });
});
