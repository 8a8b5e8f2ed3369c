/**
 * The counts of one sidecar in one hour since its last report. `id` and `seq` make it safe to repeat a report: for each sidecar,
 * only a `seq` higher than the last one is accepted.
 */
export interface AnalyticsBatch {
  /** The beginning of the hour, ISO 8601. */
  hour: string;
  /** Identifies the sidecar's process. */
  id: string;
  seq: number;
  /** Amounts to add. */
  sums: ReadonlyMap<string, number>;
  /** Values that replace smaller ones. */
  maxima: ReadonlyMap<string, number>;
}

/** All counts of one hour by name. `sidecar/analytics/fields.ts` has the names. */
export interface AnalyticsHour {
  hour: string;
  fields: Readonly<Record<string, number>>;
}

/** The hourly buckets of all sidecars. Rejects with `StoreUnavailable`. */
export interface AnalyticsStore {
  add(batch: AnalyticsBatch): Promise<void>;
  /** The buckets of these hours that exist. */
  read(hours: readonly string[]): Promise<AnalyticsHour[]>;
  /** Redis's memory now; `null` without Redis. `limitBytes` is 0 without a limit. */
  memory(): Promise<{ usedBytes: number; limitBytes: number } | null>;
}
