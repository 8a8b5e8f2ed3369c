import { randomUUID } from 'node:crypto';
import type { AnalyticsAnswer, AnalyticsQuery } from '../../shared/analytics.ts';
import type { AnalyticsStore } from '../store/counts/analytics-store.ts';
import { StoreUnavailable } from '../store/streams/stream-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createCounting } from './counting.ts';
import { createOutbox } from './outbox.ts';
import { hourOf, reportOf } from './report.ts';

/** History for operators: counts in hourly buckets that all sidecars add to. */
export interface Analytics {
  telemetry: Telemetry;
  /** Stores the counts since the last flush. While Redis is away, they are kept for later. */
  flush(): Promise<void>;
  /** Samples how much memory Redis uses. Does nothing while Redis is away. */
  sampleMemory(): Promise<void>;
  /**
   * The report over all sidecars. Stores the counts of this process first. The newest counts of another sidecar are missing until
   * that sidecar stores them, a few seconds later. Rejects with `StoreUnavailable` while Redis is away.
   */
  report(query: AnalyticsQuery): Promise<AnalyticsAnswer>;
}

export function createAnalytics({ store, now = Date.now }: { store: AnalyticsStore; now?: () => number }): Analytics {
  const outbox = createOutbox({ store, id: randomUUID() });
  const hour = () => hourOf(now());
  const count = (field: string, amount = 1) => outbox.put(hour(), field, Math.round(amount));

  return {
    telemetry: createCounting({ count, hour }),

    flush: () => outbox.flush().catch(unlessAway),

    async sampleMemory() {
      const memory = await store.memory().catch(unlessAway);
      if (!memory) return;
      count('memory.samples');
      count('memory.sum', memory.usedBytes);
      count('memory.max', memory.usedBytes);
      if (memory.limitBytes > 0) count('memory.limit', memory.limitBytes);
    },

    async report(query) {
      await outbox.flush().catch(unlessAway);
      return reportOf(query, { store, nowMs: now() });
    },
  };
}

function unlessAway(error: unknown): undefined {
  if (!(error instanceof StoreUnavailable)) throw error;
}
