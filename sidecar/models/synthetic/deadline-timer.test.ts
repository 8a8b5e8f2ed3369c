import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDeadlineTimer, monotonicUs } from './deadline-timer.ts';

describe('the deadline timer', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  test('runs callbacks in the order of their deadlines, and never early', async () => {
    const timer = createDeadlineTimer();
    const startUs = monotonicUs();
    const ran: number[] = [];
    for (const ms of [30, 5, 20, 5.5, 1, 10]) {
      timer.at(startUs + ms * 1000, () => {
        expect(monotonicUs()).toBeGreaterThanOrEqual(startUs + ms * 1000);
        ran.push(ms);
      });
    }
    expect(ran).toEqual([]);
    await vi.advanceTimersByTimeAsync(12);
    expect(ran).toEqual([1, 5, 5.5, 10]);
    await vi.advanceTimersByTimeAsync(20);
    expect(ran).toEqual([1, 5, 5.5, 10, 20, 30]);
  });

  test('keeps the order among thousands of deadlines, some of which are cancelled', async () => {
    const timer = createDeadlineTimer();
    const startUs = monotonicUs();
    const ran: number[] = [];
    const expected: number[] = [];
    for (let index = 0; index < 3000; index += 1) {
      const ms = (index * 7919) % 3001;
      const cancel = timer.at(startUs + ms * 1000, () => ran.push(ms));
      if (index % 3 === 0) cancel();
      else expected.push(ms);
    }
    await vi.advanceTimersByTimeAsync(3100);
    expect(ran).toEqual(expected.sort((a, b) => a - b));
  });

  test('lets a callback set another deadline, whose callback runs later', async () => {
    const timer = createDeadlineTimer();
    let runs = 0;
    const again = () => {
      runs += 1;
      timer.at(monotonicUs() + 2000, again);
    };
    timer.at(monotonicUs(), again);
    await vi.advanceTimersByTimeAsync(101);
    expect(runs).toBeGreaterThan(25);
    expect(runs).toBeLessThan(52);
  });

  test('can cancel a deadline from a callback that is due at the same time', async () => {
    const timer = createDeadlineTimer();
    const dueUs = monotonicUs() + 1000;
    const other = vi.fn<() => void>();
    timer.at(dueUs, () => cancel());
    const cancel = timer.at(dueUs, other);
    await vi.advanceTimersByTimeAsync(10);
    expect(other).not.toHaveBeenCalled();
  });

  test('has no timeout left when no deadline is left', async () => {
    const timer = createDeadlineTimer();
    const cancel = timer.at(monotonicUs() + 60_000_000, () => {});
    timer.at(monotonicUs() + 1000, () => {});
    await vi.advanceTimersByTimeAsync(5);
    expect(vi.getTimerCount()).toBe(1);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('`monotonicUs` reads the clock of `process.hrtime`, which is the same in all processes of a machine', () => {
  const [seconds, nanoseconds] = process.hrtime();
  expect(Math.abs(monotonicUs() - (seconds * 1e6 + nanoseconds / 1e3))).toBeLessThan(50_000);
});
