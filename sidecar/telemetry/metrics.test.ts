import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCaller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { readFigures } from '../../testing/figures.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { framesIn } from '../../testing/whole-log.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await openTestBed();
});
afterEach(() => bed.close());

describe('the metrics of a sidecar', () => {
  test('count ended streams, their speed, and the bytes stored', async () => {
    const sidecar = await bed.start();
    const caller = await createCaller(sidecar);
    const completed = await caller.startStream({ modelId: 'synthetic/40x20@200' });
    const failed = await caller.startStream({ modelId: 'synthetic/10x20@200?failAt=4' });
    const cancelled = await caller.startStream({ modelId: 'synthetic/10000x20@100' });
    await Promise.all([completed, failed].map((streamId) => caller.untilEnded(streamId)));
    // The sidecar counts an ended stream a moment after callers can read the end.
    await eventually('one stream is left', async () => (await readFigures(sidecar)).sum('rejoin_generations') === 1);
    await caller.cancel(cancelled);

    const { sum } = await readFigures(sidecar);
    const model = 'synthetic';
    expect(sum('rejoin_streams_started_total', { model })).toBe(3);
    expect(sum('rejoin_streams_ended_total', { model, outcome: 'completed', code: '' })).toBe(1);
    expect(sum('rejoin_streams_ended_total', { model, outcome: 'error', code: 'model_error' })).toBe(1);
    expect(sum('rejoin_streams_ended_total', { model, outcome: 'cancelled' })).toBe(1);
    expect(sum('rejoin_first_token_seconds_count', { model })).toBe(3);
    // 40 deltas of 20 characters are about 200 tokens. The model writes them in about a fifth of a second: 1000 tokens per second.
    expect(sum('rejoin_tokens_per_second_count')).toBe(1);
    expect(sum('rejoin_tokens_per_second_sum')).toBeGreaterThan(100);
    expect(sum('rejoin_tokens_per_second_sum')).toBeLessThan(1500);
    expect(sum('rejoin_tokens_total')).toBeGreaterThanOrEqual(200);

    const { bytes } = await caller.state(completed);
    expect(sum('rejoin_appended_bytes_total')).toBeGreaterThan(bytes / 2);
    expect(sum('rejoin_appended_frames_total')).toBe(sum('rejoin_append_frames_sum'));
    // A frame may hold several joined deltas, so the number of frames varies.
    expect(sum('rejoin_appended_frames_total')).toBeGreaterThan(5);
    expect(sum('rejoin_append_seconds_count')).toBe(sum('rejoin_append_frames_count'));
    expect(sum('rejoin_event_loop_utilization')).toBeGreaterThan(0);
  });

  test('count the tokens of every model call that an answer needs', async () => {
    const sidecar = await bed.start({ STALL_TIMEOUT_MS: '1000' });
    const caller = await createCaller(sidecar);
    // The model does not continue an answer (`refuse=1`), so the second call begins the answer again. Each of the two calls falls
    // silent after 20 deltas of 20 characters, which are 100 tokens.
    await caller.untilEnded(await caller.startStream({ modelId: 'synthetic/40x20@0?stallAt=20&refuse=1' }), {
      withinMs: 20_000,
    });
    await eventually('tokens counted', async () => (await readFigures(sidecar)).sum('rejoin_tokens_total') > 0);
    expect((await readFigures(sidecar)).sum('rejoin_tokens_total')).toBe(200);
  });

  test('count readers by where they began, and measure the delay of frames that another sidecar writes', async () => {
    const [writer, follower] = [await bed.start(), await bed.start()];
    const caller = (await createCaller(writer)).at(follower);
    const streamId = await caller.at(writer).startStream({ modelId: 'synthetic/100x20@100' });
    const { log } = await followLoyally([caller], streamId).finished;
    const ids = framesIn(log).map(({ id }) => id);
    await openReader(caller, streamId, { lastEventId: ids[3] }).ended;
    await openReader(caller, streamId, { lastEventId: '9zzzz-40' }).ended;

    const { sum } = await readFigures(follower);
    expect(sum('rejoin_resumes_total', { kind: 'beginning' })).toBe(1);
    expect(sum('rejoin_resumes_total', { kind: 'catch-up' })).toBe(1);
    expect(sum('rejoin_resumes_total', { kind: 'position-lost' })).toBe(1);
    expect(sum('rejoin_readers_closed_total', { end: 'done' })).toBe(3);
    expect(sum('rejoin_follow_lag_seconds_count')).toBeGreaterThan(3);
    expect(sum('rejoin_readers')).toBe(0);
  });

  test('count a reader that begins at the end of the log as `live`, at the writer and at another sidecar', async () => {
    const [writer, follower] = [await bed.start(), await bed.start()];
    const caller = await createCaller(writer);
    const streamId = await caller.startStream({ modelId: 'synthetic/3x20@0?holdMs=60000' });
    await eventually('all but the end is written', async () => (await caller.state(streamId)).bytes > 200);
    const { lastEventId } = await caller.state(streamId);
    for (const sidecar of [writer, follower]) {
      const reader = openReader(caller.at(sidecar), streamId, { lastEventId: lastEventId! });
      await eventually('the reader is counted', async () => {
        const { sum } = await readFigures(sidecar);
        return sum('rejoin_resumes_total', { kind: 'live' }) === 1 && sum('rejoin_readers') === 1;
      });
      reader.leave();
      await eventually('the reader has left', async () => {
        return (await readFigures(sidecar)).sum('rejoin_readers_closed_total', { end: 'left' }) === 1;
      });
    }
    await caller.cancel(streamId);
  });

  test('count a handed-over stream as handed over, and not as lost', async () => {
    const [first, second] = [await bed.start(), await bed.start()];
    const caller = await createCaller(first);
    const streamId = await caller.startStream({ modelId: 'synthetic/10000x20@50' });
    await first.stop();
    await eventually('the takeover', async () => (await readFigures(second)).sum('rejoin_generations') === 1);
    const handedOver = await readFigures(second);
    expect(handedOver.sum('rejoin_takeovers_total', { reason: 'handover' })).toBe(1);
    expect(handedOver.sum('rejoin_takeovers_total', { reason: 'lost' })).toBe(0);
    expect((await caller.at(second).cancel(streamId)).status).toBe(200);
  });

  test('count a stream as lost if its lease has expired', async () => {
    const [first, second] = [await bed.start(), await bed.start()];
    const caller = await createCaller(first);
    const streamId = await caller.startStream({ modelId: 'synthetic/10000x20@50' });
    const admin = await createCaller(second, { isAdmin: true });
    const takeovers = async (reason: string) => (await readFigures(second)).sum('rejoin_takeovers_total', { reason });
    await eventually('the takeover', async () => {
      await bed.db.hSet(`{stream:${streamId}}:meta`, 'lease', '1');
      await admin.cleanup('expired');
      return (await takeovers('lost')) > 0;
    });
    expect(await takeovers('handover')).toBe(0);
    expect((await caller.at(second).cancel(streamId)).status).toBe(200);
  });

  test('count errors by code, and what a cleanup removed', async () => {
    const sidecar = await bed.start();
    const admin = await createCaller(sidecar, { isAdmin: true });
    await admin.call('GET', '/streams/none');
    await admin.call('POST', '/streams', { raw: '{' });
    const streamId = await admin.startStream({ modelId: 'synthetic/1x20@0' });
    await admin.untilEnded(streamId);
    await admin.cleanup('force');

    const { sum } = await readFigures(sidecar);
    expect(sum('rejoin_errors_total', { code: 'not_found', status: '404' })).toBe(1);
    expect(sum('rejoin_errors_total', { code: 'malformed_json', status: '400' })).toBe(1);
    expect(sum('rejoin_cleanup_scanned_total')).toBe(1);
    expect(sum('rejoin_cleanup_removed_total')).toBe(1);
    expect(sum('rejoin_cleanup_interval_seconds')).toBe(3600);
    expect(Date.now() / 1000 - sum('rejoin_cleanup_last_timestamp_seconds')).toBeLessThan(30);
  });

  test('show the state of Redis, and can be read within three seconds while Redis is away', async () => {
    const sidecar = await bed.start();
    await bed.db.configSet('maxmemory', '200mb');
    await eventually('the memory limit is reported', async () => {
      return (await readFigures(sidecar)).sum('rejoin_redis_max_memory_bytes', { master: '0' }) === 200 * 1024 * 1024;
    });
    const before = await readFigures(sidecar);
    expect([before.sum('rejoin_redis_up'), before.sum('rejoin_ready')]).toEqual([1, 1]);
    expect(before.sum('rejoin_redis_used_memory_bytes', { master: '0' })).toBeGreaterThan(100_000);
    expect(before.sum('rejoin_redis_evicted_keys_total')).toBe(0);

    bed.redis.freeze();
    await eventually('Redis is reported as away', async () => {
      const askedAt = performance.now();
      const { sum } = await readFigures(sidecar);
      expect(performance.now() - askedAt).toBeLessThan(3000);
      return sum('rejoin_redis_up') === 0 && sum('rejoin_ready') === 0;
    });
    bed.redis.thaw();
    await eventually('Redis is reported as back', async () => (await readFigures(sidecar)).sum('rejoin_ready') === 1);
  });
});
