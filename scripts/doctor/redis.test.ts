import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedisFacts } from '../../sidecar/store/redis/diagnose/inspect-redis.ts';
import { createCaller } from '../../testing/caller.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { freePort } from '../launch/ports.ts';
import { startRedis, type TestRedis } from '../../testing/start-redis.ts';
import { findingLine } from './finding.ts';
import { examineRedis, judgeRedis } from './redis.ts';

const HEALTHY: RedisFacts = {
  version: '7.4.6',
  isValkey: false,
  role: 'master',
  mode: 'standalone',
  uptimeMs: 60_000,
  usedBytes: 100 * 1024 ** 2,
  maxBytes: 1024 ** 3,
  evictionPolicy: 'noeviction',
  isAppendOnly: true,
  isNotSaving: false,
  refusal: null,
  clockAheadMs: 12,
  streams: { count: 3, isPart: false },
};
const linesFor = (...changes: Partial<RedisFacts>[]): string[] =>
  judgeRedis({ servers: changes.map((change) => ({ ...HEALTHY, ...change })), activeStreams: 1 }, 'redis:6379').map(
    findingLine,
  );

test('a Redis without problems gets only lines with "ok"', () => {
  expect(linesFor({})).toEqual([
    'ok    Redis            7.4.6 at redis:6379',
    'ok    Redis eviction   noeviction',
    'ok    Redis memory     100 MB of 1024 MB used',
    'ok    Redis on disk    append-only file',
    'ok    Redis clock      within 0.0 s of ours',
    'ok    Redis keys       3 streams kept, 1 active',
  ]);
});

test.each<[string, Partial<RedisFacts>, RegExp]>([
  ['is too old', { version: '6.2.1' }, /^fail  Redis .*6\.2\.1.* → Redis 7 or newer/],
  ['is a replica', { role: 'slave' }, /^fail  Redis .*is a read-only replica.* → Name the master/],
  ['is a Sentinel', { mode: 'sentinel' }, /^fail  Redis .*is a Sentinel.* → Name it in REDIS_SENTINELS/],
  [
    'lacks a security fix',
    { version: '7.4.5' },
    /^warn  Redis version +Redis 7\.4\.5 may lack .*CVE-2025-49844.* → Update/,
  ],
  [
    'is full',
    { usedBytes: 1024 ** 3 },
    /^fail  Redis memory +1024 MB of 1024 MB used: Redis is full.*OOM.* → .*cleanup --force/,
  ],
  ['failed to save', { isNotSaving: true }, /^warn  Redis on disk +the last save to disk failed → Look at/],
  [
    'evicts keys',
    { evictionPolicy: 'allkeys-lru' },
    /^fail  Redis eviction +allkeys-lru, above 1024 MB → An evicted key/,
  ],
  [
    'will evict keys as soon as maxmemory is set',
    { evictionPolicy: 'volatile-ttl', maxBytes: 0 },
    /^warn  Redis eviction +volatile-ttl, as soon as/,
  ],
  [
    'is nearly full',
    { usedBytes: 900 * 1024 ** 2 },
    /^warn  Redis memory +900 MB of 1024 MB used: when Redis is full.* → .*cleanup --force/,
  ],
  ['has no memory limit', { maxBytes: 0 }, /^note  Redis memory +100 MB used, no limit/],
  ['has no append-only file', { isAppendOnly: false }, /^warn  Redis on disk/],
  ['has a clock ahead of ours', { clockAheadMs: 65_000 }, /^warn  Redis clock +65\.0 s ahead of ours → .*NTP/],
  ['has a clock behind ours', { clockAheadMs: -65_000 }, /^warn  Redis clock +65\.0 s behind ours/],
])('the doctor reports a Redis that %s', (_, change, line) => {
  const lines = linesFor(change);
  expect(lines.find((found) => line.test(found)) ?? lines).toMatch(line);
});

test('each master of a Cluster is checked, and the streams of all masters are counted together', () => {
  const lines = linesFor({}, { isAppendOnly: false, streams: { count: 5, isPart: true } });
  expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  expect(lines).toContain('ok    Redis            7.4.6 at redis:6379, master 2');
  expect(lines.at(-1)).toContain('more than 8 streams kept');
});

describe('a real Redis', () => {
  let bed: TestBed;
  let guarded: TestRedis;
  beforeAll(async () => {
    bed = await openTestBed({ redisArgs: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
    guarded = await startRedis();
    const client = await createClient({ url: guarded.url }).connect();
    await client.configSet('requirepass', 'open-sesame');
    client.destroy();
  });
  afterAll(async () => {
    await guarded.stop();
    await bed.close();
  });

  test('is described, with the number of its streams', async () => {
    const caller = await createCaller(await bed.start());
    await caller.untilEnded(await caller.startStream({ modelId: 'synthetic/2x20@0' }));
    const active = await caller.startStream({ modelId: 'synthetic/5000x20@50' });
    const lines = (await examineRedis({ url: bed.redis.url }, 'here')).map(findingLine);
    await caller.cancel(active);
    const told = (line: RegExp) => expect(lines.find((found) => line.test(found)) ?? lines).toMatch(line);
    told(/^ok {4}Redis +\d+\.\d+\.\d+ at here$/);
    told(/^fail  Redis eviction +allkeys-lru, above 100 MB/);
    told(/^ok {4}Redis memory +\d\.\d MB of 100 MB used/);
    told(/^ok {4}Redis clock/);
    expect(lines.at(-1)).toBe('ok    Redis keys       2 streams kept, 1 active');
  });

  test('that wants a password is reported as such', async () => {
    const [finding] = await examineRedis({ url: guarded.url }, 'here');
    expect(findingLine(finding!)).toMatch(/^fail  Redis +here asks for a password.*\(NOAUTH\) → Set REDIS_PASSWORD/);
    const open = guarded.url.replace('//', '//:open-sesame@');
    expect((await examineRedis({ url: open }, 'here'))[0]).toMatchObject({ level: 'ok' });
  });

  test('that is frozen is reported as not answering', async () => {
    const frozen = await startRedis();
    frozen.freeze();
    try {
      const address = { url: frozen.url };
      const [finding, ...more] = await examineRedis(address, 'here');
      expect(more).toEqual([]);
      expect(findingLine(finding!)).toMatch(
        /^fail  Redis +here can be reached but did not answer in time.* → .*SLOWLOG GET/,
      );
    } finally {
      await frozen.stop();
    }
  });

  test('that does not run is reported as unreachable, whether it is one server or a Cluster', async () => {
    const port = await freePort();
    for (const address of [{ url: `redis://127.0.0.1:${port}` }, { clusterNodes: [`127.0.0.1:${port}`] }]) {
      const [finding, ...more] = await examineRedis(address, 'here');
      expect([finding!.level, more]).toEqual(['fail', []]);
      expect(findingLine(finding!)).toMatch(
        /here cannot be reached: nothing listens .* → Start Redis there, or correct/,
      );
    }
  });
});
