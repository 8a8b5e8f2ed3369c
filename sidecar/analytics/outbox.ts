import type { AnalyticsBatch, AnalyticsStore } from '../store/counts/analytics-store.ts';
import { isMaximum } from './fields.ts';

/** While nothing can be stored, the counts of at most this many hours are kept. The oldest hours are dropped. */
const MAX_KEPT_HOURS = 48;

export interface Outbox {
  /** Adds `amount` to a field of an hour. A field that holds a maximum is set to `amount` if `amount` is larger. */
  put(hour: string, field: string, amount: number): void;
  /** Stores everything. Rejects if the store does not answer; the counts that are not stored are kept for the next flush. */
  flush(): Promise<void>;
}

interface Tally {
  sums: Map<string, number>;
  maxima: Map<string, number>;
}

/** Counts of this process that are not stored yet. */
export function createOutbox({ store, id }: { store: Pick<AnalyticsStore, 'add'>; id: string }): Outbox {
  const tallies = new Map<string, Tally>();
  /**
   * A batch that was sent and not confirmed. It may be stored already, so it is sent again unchanged. The store accepts its
   * `seq` only once.
   */
  let sent: AnalyticsBatch | null = null;
  let seq = 0;
  let running: Promise<void> | null = null;

  function nextBatch(): AnalyticsBatch | null {
    const [hour, tally] = tallies.entries().next().value ?? [];
    if (hour === undefined || tally === undefined) return null;
    tallies.delete(hour);
    return { hour, id, seq: (seq += 1), ...tally };
  }

  async function run(): Promise<void> {
    for (;;) {
      sent ??= nextBatch();
      if (sent === null) return;
      await store.add(sent);
      sent = null;
    }
  }

  return {
    put(hour, field, amount) {
      let tally = tallies.get(hour);
      if (!tally) {
        tally = { sums: new Map(), maxima: new Map() };
        tallies.set(hour, tally);
        if (tallies.size > MAX_KEPT_HOURS) tallies.delete(tallies.keys().next().value!);
      }
      if (isMaximum(field)) tally.maxima.set(field, Math.max(tally.maxima.get(field) ?? 0, amount));
      else tally.sums.set(field, (tally.sums.get(field) ?? 0) + amount);
    },
    // `run` cannot clear `running` itself: if there is nothing to store, `run` ends before `running` is assigned.
    flush: () => (running ??= run().finally(() => (running = null))),
  };
}
