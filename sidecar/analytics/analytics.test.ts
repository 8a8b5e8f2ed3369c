import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ANALYTICS_KEPT_DAYS, analyticsAnswerSchema, type PeriodFigures } from '../../shared/analytics.ts';
import { FIRST_TOKEN_MS_BOUNDS, quantile, TOKENS_PER_SECOND_BOUNDS } from '../../shared/histogram.ts';
import type { AnalyticsBatch, AnalyticsStore } from '../store/counts/analytics-store.ts';
import { analyticsKey } from '../store/redis/keys.ts';
import { createMemoryAnalyticsStore } from '../store/counts/memory-analytics-store.ts';
import { createRedisAnalyticsStore } from '../store/counts/redis-analytics-store.ts';
import type { RedisConnection } from '../store/redis/redis-connection.ts';
import { StoreUnavailable } from '../store/streams/stream-store.ts';
import type { StreamEnd, Telemetry } from '../telemetry/telemetry.ts';
import { DATABASES, openRedis } from '../../testing/open-redis.ts';
import { createAnalytics } from './analytics.ts';
import { MAX_MODELS } from './counting.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOON = Date.parse('2026-03-10T12:20:00.000Z');
const USER = 'guest_who-asked';

let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.analytics });
});
beforeEach(async () => void (await redis.commands.flushDb()));
afterAll(() => redis.close());

const stores: Record<string, () => AnalyticsStore> = {
  Redis: () => createRedisAnalyticsStore({ redis, keptMs: ANALYTICS_KEPT_DAYS * DAY_MS }),
  memory: () => createMemoryAnalyticsStore({ keptHours: ANALYTICS_KEPT_DAYS * 24 }),
};

const END: StreamEnd = {
  outcome: 'completed',
  hasStarted: true,
  code: null,
  ms: 3000,
  bytes: 900,
  tokens: 100,
  writingMs: 2000,
};

/** Reports one answer, from its start to its end. */
function answer(telemetry: Telemetry, { modelId = 'demo', firstTokenMs = 120, ...end }: AnswerOptions = {}): void {
  const stream = { streamId: randomUUID(), modelId, servedBy: 'demo' };
  telemetry.streamStarted(stream);
  telemetry.firstToken(stream, firstTokenMs);
  telemetry.streamEnded(stream, { ...END, ...end });
}
type AnswerOptions = Partial<StreamEnd> & { modelId?: string; firstTokenMs?: number };

const periods = async (analytics: { report: ReturnType<typeof createAnalytics>['report'] }): Promise<PeriodFigures[]> =>
  (await analytics.report({})).periods;

describe.each(Object.keys(stores))('with figures kept in %s', (kind) => {
  const open = (now: () => number = () => NOON, store = stores[kind]!()) => createAnalytics({ store, now });

  test('counts events in the hour in which they happened', async () => {
    const analytics = open();
    const { telemetry } = analytics;
    answer(telemetry);
    answer(telemetry, { outcome: 'error', code: 'stalled', tokens: 0, writingMs: null });
    answer(telemetry, { outcome: 'cancelled', modelId: 'local/qwen3' });
    // A turn that was removed while it waited is no answer that was stopped.
    telemetry.streamEnded({ streamId: 's', modelId: 'demo' }, { ...END, outcome: 'cancelled', hasStarted: false });
    telemetry.readerOpened({ streamId: 's' }, 'catch-up');
    telemetry.readerOpened({ streamId: 's' }, 'beginning');
    telemetry.readerClosed({ streamId: 's' }, 'left');
    telemetry.readerClosed({ streamId: 's' }, 'done');
    const lost = { policy: 'continue', lapses: 1, barren: 0, isHandover: false } as const;
    telemetry.streamRecovered({ streamId: 's', modelId: 'demo' }, lost);
    telemetry.streamRecovered({ streamId: 's', modelId: 'demo' }, { ...lost, isHandover: true });
    telemetry.refused('rate_limited');
    telemetry.streamQueued({ streamId: 's', modelId: 'demo' });
    telemetry.branchMade();
    telemetry.swept({ action: 'expired', scanned: 12, removed: 3, mended: 1, recovered: 0 }, 5);
    await analytics.flush();

    const [period, ...more] = await periods(analytics);
    expect(more).toEqual([]);
    expect(period).toMatchObject({
      start: '2026-03-10T12:00:00.000Z',
      started: 3,
      completed: 1,
      error: 1,
      cancelled: 1,
      errors: { stalled: 1 },
      refused: { rate_limited: 1 },
      queued: 1,
      branched: 1,
      resumes: { 'catch-up': 1, beginning: 1 },
      reads: { left: 1, done: 1 },
      takeovers: { continue: 1, handover: 1 },
      cleanup: { runs: 1, scanned: 12, removed: 3, mended: 1, recovered: 0 },
    });
    expect(period!.models.demo).toMatchObject({ started: 2, completed: 1, error: 1, cancelled: 0, tokens: 100 });
    expect(period!.models['local/qwen3']).toMatchObject({ started: 1, cancelled: 1 });
    const { firstTokenMs, tokensPerSecond } = period!.models.demo!;
    expect(quantile(firstTokenMs, FIRST_TOKEN_MS_BOUNDS, 0.5)).toBe(125); // two values of 120 ms, in the bin from 100 to 150
    expect(quantile(tokensPerSecond, TOKENS_PER_SECOND_BOUNDS, 0.5)).toBe(45); // one value of 50 tokens/s, in the bin from 40 to 50
  });

  test('adds up the counts of two sidecars, and of two flushes of one sidecar', async () => {
    const store = stores[kind]!();
    const [one, other] = [open(undefined, store), open(undefined, store)];
    answer(one.telemetry, { firstTokenMs: 90 });
    await one.flush();
    answer(one.telemetry, { firstTokenMs: 90 });
    for (let i = 0; i < 3; i += 1) answer(other.telemetry, { firstTokenMs: 9000 });
    await Promise.all([one.flush(), other.flush()]);
    const [period] = await periods(one);
    expect(period).toMatchObject({ started: 5, completed: 5 });
    const { firstTokenMs } = period!.models.demo!;
    expect(quantile(firstTokenMs, FIRST_TOKEN_MS_BOUNDS, 0.25)).toBeLessThan(100);
    expect(quantile(firstTokenMs, FIRST_TOKEN_MS_BOUNDS, 0.95)).toBeGreaterThan(7500);
    expect(await periods(other)).toEqual([period]);
  });

  test('includes counts that were not flushed yet, and nothing before the requested time', async () => {
    let now = NOON - 3 * HOUR_MS;
    const analytics = open(() => now);
    answer(analytics.telemetry);
    now = NOON;
    answer(analytics.telemetry);
    expect(await periods(analytics)).toMatchObject([
      { start: '2026-03-10T09:00:00.000Z', started: 1 },
      { start: '2026-03-10T12:00:00.000Z', started: 1 },
    ]);
    const late = await analytics.report({ from: '2026-03-10T10:00:00Z', to: '2026-03-10T23:00:00Z' });
    expect(late).toMatchObject({ from: '2026-03-10T10:00:00.000Z', to: '2026-03-10T13:00:00.000Z', step: 'hour' });
    expect(late.periods).toMatchObject([{ start: '2026-03-10T12:00:00.000Z' }]);
    expect(analyticsAnswerSchema.parse(late)).toEqual(late);
  });

  test('adds up the hours of each day in a long report, and counts answers by hour of the day', async () => {
    let now = NOON - 20 * DAY_MS;
    const analytics = open(() => now);
    answer(analytics.telemetry);
    now += 2 * HOUR_MS;
    answer(analytics.telemetry, { firstTokenMs: 4000 });
    now = NOON;
    answer(analytics.telemetry);
    const report = await analytics.report({ from: new Date(NOON - 30 * DAY_MS).toISOString() });
    expect(report.step).toBe('day');
    expect(report.periods.map(({ start, started }) => [start, started])).toEqual([
      ['2026-02-18T00:00:00.000Z', 2],
      ['2026-03-10T00:00:00.000Z', 1],
    ]);
    expect(report.periods[0]!.models.demo!.firstTokenMs.filter(Boolean)).toEqual([1, 1]);
    expect([12, 14, 15].map((hour) => report.hoursOfDay[hour])).toEqual([2, 1, 0]);
  });

  test('counts only a limited number of models by name, and none with an invalid name', async () => {
    const analytics = open();
    for (let i = 0; i < MAX_MODELS + 20; i += 1) answer(analytics.telemetry, { modelId: `local/m${i}` });
    answer(analytics.telemetry, { modelId: 'what is my password? it is “tiger”' });
    for (let i = 0; i < 5; i += 1) answer(analytics.telemetry, { modelId: 'local/m0' });
    const [period] = await periods(analytics);
    expect(Object.keys(period!.models).length).toBeLessThanOrEqual(MAX_MODELS / 2);
    expect(period!.models['local/m0']!.started).toBe(6);
    expect(JSON.stringify(period)).not.toContain('tiger');
    const sum = Object.values(period!.models).reduce((total, { started }) => total + started, 0);
    expect(sum).toBe(period!.started);
  });
});

describe('while storing fails,', () => {
  /** A store whose `add` can fail before or after it stores the batch. */
  function trying(): AnalyticsStore & { away: null | 'before' | 'after'; batches: AnalyticsBatch[] } {
    const store = createMemoryAnalyticsStore({ keptHours: 100 });
    const away = () => new StoreUnavailable('away');
    return Object.assign(Object.create(store) as AnalyticsStore, {
      away: null as null | 'before' | 'after',
      batches: [] as AnalyticsBatch[],
      async add(this: { away: null | 'before' | 'after'; batches: AnalyticsBatch[] }, batch: AnalyticsBatch) {
        if (this.away === 'before') throw away();
        this.batches.push(batch);
        await store.add(batch);
        if (this.away === 'after') throw away();
      },
      read: store.read,
      memory: store.memory,
    });
  }

  test('counts are kept, and stored when Redis is back', async () => {
    const store = trying();
    const analytics = createAnalytics({ store, now: () => NOON });
    store.away = 'before';
    answer(analytics.telemetry);
    await analytics.flush();
    answer(analytics.telemetry);
    await analytics.flush();
    expect(await store.read(['2026-03-10T12:00:00.000Z'])).toEqual([]);
    store.away = null;
    await analytics.flush();
    expect(await periods(analytics)).toMatchObject([{ started: 2 }]);
  });

  test('a batch that was stored before its reply was lost is sent again, but added only once', async () => {
    const store = trying();
    const analytics = createAnalytics({ store, now: () => NOON });
    store.away = 'after';
    answer(analytics.telemetry);
    await analytics.flush();
    await analytics.flush();
    answer(analytics.telemetry);
    store.away = null;
    await analytics.flush();
    expect(store.batches.map(({ seq }) => seq)).toEqual([1, 1, 1, 2]);
    expect(await periods(analytics)).toMatchObject([{ started: 2 }]);
  });

  test('only the counts of the newest hours are kept', async () => {
    const store = trying();
    let now = NOON - 100 * HOUR_MS;
    const analytics = createAnalytics({ store, now: () => now });
    store.away = 'before';
    for (; now <= NOON; now += HOUR_MS) {
      answer(analytics.telemetry);
      await analytics.flush();
    }
    now = NOON;
    store.away = null;
    await analytics.flush();
    // 48 hours are kept, and also the first batch, because the store may have taken it although `add` failed.
    expect(store.batches).toHaveLength(48 + 1);
    expect(store.batches.at(-1)!.hour).toBe('2026-03-10T12:00:00.000Z');
  });
});

describe('in Redis', () => {
  test('the counts of an hour are stored under one key, which expires; they name neither a person nor a stream', async () => {
    const analytics = createAnalytics({ store: stores.Redis!(), now: () => NOON });
    const stream = { streamId: 'stream-of-somebody', userId: USER, modelId: 'demo', servedBy: 'demo' };
    analytics.telemetry.streamStarted(stream);
    await analytics.flush();
    const key = analyticsKey('2026-03-10T12:00:00.000Z');
    expect(await redis.commands.keys('*')).toEqual([key]);
    const days = (await redis.commands.ttl(key)) / (24 * 3600);
    expect(days).toBeGreaterThan(ANALYTICS_KEPT_DAYS - 1);
    expect(days).toBeLessThanOrEqual(ANALYTICS_KEPT_DAYS);
    const { started, ...rest } = await redis.commands.hGetAll(key);
    expect(started).toBe('1');
    expect(JSON.stringify(rest)).not.toMatch(/somebody|guest/);
  });

  test('a batch that is sent twice is counted once, and a batch of another sidecar is counted as well', async () => {
    const store = stores.Redis!();
    const hour = '2026-03-10T12:00:00.000Z';
    const batch = { hour, id: 'one', seq: 1, sums: new Map([['started', 2]]), maxima: new Map([['memory.max', 7]]) };
    await store.add(batch);
    await store.add(batch);
    await store.add({ ...batch, id: 'other', maxima: new Map([['memory.max', 5]]) });
    await store.add({ ...batch, seq: 2 });
    expect(await store.read([hour])).toEqual([{ hour, fields: { started: 6, 'memory.max': 7 } }]);
  });

  test('the memory that Redis uses is reported, and nothing is reported if there is no Redis', async () => {
    const analytics = createAnalytics({ store: stores.Redis!(), now: () => NOON });
    await analytics.sampleMemory();
    await analytics.sampleMemory();
    const [{ memory }] = (await periods(analytics)) as [PeriodFigures];
    expect(memory!.meanBytes).toBeGreaterThan(100_000);
    expect(memory!.maxBytes).toBeGreaterThanOrEqual(memory!.meanBytes);
    const nowhere = createAnalytics({ store: stores.memory!(), now: () => NOON });
    await nowhere.sampleMemory();
    expect(await periods(nowhere)).toEqual([]);
  });
});
