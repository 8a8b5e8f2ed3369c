import cron from 'node-cron';
import type { Log } from './log.ts';
import { cronExpression } from './cron-expression.ts';

export interface Job {
  name: string;
  everyMs: number;
  run(): Promise<void>;
}

/**
 * Runs jobs at fixed intervals. A job that is still running is not started a second time. node-cron runs the jobs whose
 * interval can be written as a cron expression. A timer runs the others.
 */
export function createSchedule({ log }: { log: Log }): { add(job: Job): void; stop(): void } {
  const stops: (() => unknown)[] = [];

  function guarded({ name, run }: Job): () => Promise<void> {
    let isRunning = false;
    /**
     * The reason that was logged last; `null` after a success. A job that fails every second for the same reason, for example while
     * Redis is away, is logged once.
     */
    let logged: string | null = null;
    return async () => {
      if (isRunning) return;
      isRunning = true;
      try {
        await run();
        logged = null;
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown';
        if (reason !== logged) log.warn({ event: 'schedule.failed', job: name, reason });
        logged = reason;
      } finally {
        isRunning = false;
      }
    };
  }

  return {
    add(job) {
      const run = guarded(job);
      const expression = cronExpression(job.everyMs);
      if (expression === null) {
        const timer = setInterval(() => void run(), job.everyMs);
        stops.push(() => clearInterval(timer));
      } else {
        const task = cron.schedule(expression, run, {
          name: job.name,
          timezone: 'UTC',
          suppressMissedWarning: true,
        });
        stops.push(() => task.destroy());
      }
    },
    stop() {
      for (const stop of stops.splice(0)) void stop();
    },
  };
}
