import cron from 'node-cron';
import { describe, expect, test, vi } from 'vitest';
import type { LogFields } from './log.ts';
import { cronExpression } from './cron-expression.ts';
import { createSchedule } from './schedule.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('an interval as a cron expression', () => {
  test.each([
    [SECOND, '*/1 * * * * *'],
    [2 * SECOND, '*/2 * * * * *'],
    [30 * SECOND, '*/30 * * * * *'],
    [MINUTE, '0 */1 * * * *'],
    [5 * MINUTE, '0 */5 * * * *'],
    [30 * MINUTE, '0 */30 * * * *'],
    [HOUR, '0 0 */1 * * *'],
    [12 * HOUR, '0 0 */12 * * *'],
    [24 * HOUR, '0 0 */24 * * *'],
  ])('%i ms is %s', (everyMs, expression) => {
    expect(cronExpression(everyMs)).toBe(expression);
    expect(cron.validate(expression)).toBe(true);
  });

  test.each([100, 1500, 7 * SECOND, 45 * SECOND, 90 * SECOND, 7 * MINUTE, 90 * MINUTE, 5 * HOUR, 48 * HOUR])(
    'does not exist for %i ms',
    (everyMs) => {
      expect(cronExpression(everyMs)).toBeNull();
    },
  );

  test('runs exactly once in each interval', () => {
    for (const everyMs of [SECOND, 10 * SECOND, MINUTE, 15 * MINUTE, HOUR, 24 * HOUR]) {
      const task = cron.createTask(cronExpression(everyMs)!, () => {}, { timezone: 'UTC' });
      const runs = task.getNextRuns(3);
      void task.destroy();
      expect(runs[1]!.getTime() - runs[0]!.getTime()).toBe(everyMs);
      expect(runs[2]!.getTime() - runs[1]!.getTime()).toBe(everyMs);
    }
  });
});

describe('a schedule', () => {
  const createLines = () => {
    const lines: LogFields[] = [];
    const push = (fields: LogFields) => void lines.push(fields);
    return { lines, log: { debug: push, info: push, warn: push, error: push } };
  };

  test('runs a job again and again, never twice at a time, and not after the schedule has stopped', async () => {
    const schedule = createSchedule({ log: createLines().log });
    let running = 0;
    let runs = 0;
    let mostAtOnce = 0;
    let release = () => {};
    schedule.add({
      name: 'job',
      everyMs: 5,
      async run() {
        runs += 1;
        running += 1;
        mostAtOnce = Math.max(mostAtOnce, running);
        if (runs === 1) await new Promise<void>((resolve) => (release = resolve));
        running -= 1;
      },
    });
    await vi.waitFor(() => expect(runs).toBe(1));
    const beats = countBeats(5);
    await vi.waitFor(() => expect(beats.count).toBeGreaterThan(5));
    expect(runs).toBe(1);
    release();
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3));
    expect(mostAtOnce).toBe(1);
    schedule.stop();
    const [before, from] = [runs, beats.count];
    await vi.waitFor(() => expect(beats.count).toBeGreaterThan(from + 5));
    expect(runs).toBe(before);
    beats.stop();
  });

  test('continues after a failed job, and logs the failure', async () => {
    const { lines, log } = createLines();
    const schedule = createSchedule({ log });
    let runs = 0;
    schedule.add({ name: 'job', everyMs: 5, run: () => Promise.reject(new Error(`no ${++runs}`)) });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(2));
    schedule.stop();
    expect(lines[0]).toEqual({ event: 'schedule.failed', job: 'job', reason: 'no 1' });
  });

  test('logs a failure once while a job keeps failing for the same reason, and logs the first failure after a success', async () => {
    const { lines, log } = createLines();
    const schedule = createSchedule({ log });
    let runs = 0;
    schedule.add({
      name: 'job',
      everyMs: 5,
      async run() {
        runs += 1;
        if (runs !== 4) throw new Error('Redis is away');
      },
    });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(6));
    schedule.stop();
    expect(lines).toEqual([
      { event: 'schedule.failed', job: 'job', reason: 'Redis is away' },
      { event: 'schedule.failed', job: 'job', reason: 'Redis is away' },
    ]);
  });

  test('runs a job whose interval has a cron expression', async () => {
    const schedule = createSchedule({ log: createLines().log });
    let runs = 0;
    schedule.add({ name: 'every second', everyMs: SECOND, run: async () => void (runs += 1) });
    await vi.waitFor(() => expect(runs).toBeGreaterThan(0), { timeout: 5000 });
    schedule.stop();
  });

  /** Counts the ticks of a separate timer. A test lets several ticks pass, and then checks that the job has not run meanwhile. */
  function countBeats(everyMs: number) {
    const beats = { count: 0, stop: () => clearInterval(timer) };
    const timer = setInterval(() => (beats.count += 1), everyMs);
    return beats;
  }
});
