import { expect, test, vi } from 'vitest';
import { findRedis, type FindRedisOptions } from './find.ts';
import type { RedisAnswer } from './info-reply.ts';

const running = (changes: Partial<Extract<RedisAnswer, { kind: 'redis' }>> = {}): RedisAnswer => ({
  kind: 'redis',
  version: '7.0.15',
  mode: 'standalone',
  role: 'master',
  pid: 1,
  isLoading: false,
  ...changes,
});

/** Searches on a machine where redis-server 7 is installed and nothing runs, with these `changes`. */
const find = (changes: Partial<FindRedisOptions> = {}) =>
  findRedis({
    settings: {},
    probe: () => Promise.resolve({ kind: 'silent' }),
    installed: () => ({ command: '/usr/bin/redis-server', version: '7.0.15' }),
    isFree: () => Promise.resolve(true),
    freePort: () => Promise.resolve(50_000),
    leftBehind: () => Promise.resolve(null),
    ...changes,
  });

test.each([
  { REDIS_URL: 'redis://r' },
  { REDIS_HOST: 'r' },
  { REDIS_PORT: '7000' },
  { REDIS_PASSWORD: 'p' },
  { REDIS_CLUSTER_NODES: 'r:7000' },
  { REDIS_SENTINELS: 'r:26379' },
])('a Redis in the settings is used, and no other is searched for: %o', async (settings) => {
  const probe = vi.fn<FindRedisOptions['probe']>();
  expect(await find({ settings, probe })).toEqual({ kind: 'configured' });
  expect(probe).not.toHaveBeenCalled();
});

test('a local Redis on the usual port is used', async () => {
  expect(await find({ probe: () => Promise.resolve(running()) })).toEqual({ kind: 'running', port: 6379 });
});

test('without a local Redis, the installed server is started on the usual port', async () => {
  expect(await find()).toEqual({ kind: 'own', command: '/usr/bin/redis-server', port: 6379 });
});

test('if another program uses the usual port, the installed server is started on a free one', async () => {
  expect(await find({ isFree: () => Promise.resolve(false) })).toMatchObject({ kind: 'own', port: 50_000 });
});

test.each([
  [running({ version: '6.2.14' }), 'it is version 6.2.14'],
  [running({ mode: 'cluster' }), 'it runs in cluster mode'],
  [running({ role: 'slave' }), 'it is a replica'],
  [{ kind: 'refused', reason: 'NOAUTH Authentication required.' } satisfies RedisAnswer, 'NOAUTH'],
])('an unsuitable local Redis is not used, and the note says why: %j', async (answer, reason) => {
  const choice = await find({ probe: () => Promise.resolve(answer), isFree: () => Promise.resolve(false) });
  expect(choice).toMatchObject({ kind: 'own', port: 50_000, note: expect.stringContaining(reason) });
});

test('without a server program, answers are kept in memory', async () => {
  expect(await find({ installed: () => null })).toEqual({ kind: 'memory' });
});

test('a server program that is too old is not started, and the note says why', async () => {
  const choice = await find({ installed: () => ({ command: 'redis-server', version: '6.0.16' }) });
  expect(choice).toEqual({ kind: 'memory', note: expect.stringContaining('version 6.0.16, 7 or newer is needed') });
});

test('our own server is shared with another run that still uses it', async () => {
  const end = vi.fn<() => Promise<void>>();
  expect(await find({ leftBehind: () => Promise.resolve({ port: 6380, isInUse: true, end }) })).toEqual({
    kind: 'running',
    port: 6380,
  });
  expect(end).not.toHaveBeenCalled();
});

test('a server that a killed run left behind is stopped before a new one is started on the same data', async () => {
  const events: string[] = [];
  const choice = await find({
    leftBehind: () => Promise.resolve({ port: 6379, isInUse: false, end: async () => void events.push('ended') }),
    probe: async () => {
      events.push('probed');
      return { kind: 'silent' };
    },
  });
  expect(events).toEqual(['ended', 'probed']);
  expect(choice).toMatchObject({ kind: 'own', port: 6379 });
});
