/**
 * What one sidecar has counted for one hour since its previous report about that hour. Repeating a report changes nothing: a report
 * is added only if its `seq` is higher than that of the sidecar's previous one.
 */
export interface AnalyticsBatch {
  /** The beginning of the hour, ISO 8601. */
  hour: string;
  /** The id of the sidecar. */
  id: string;
  seq: number;
  /** Amounts to add. */
  sums: ReadonlyMap<string, number>;
  /** Values that replace smaller ones. */
  maxima: ReadonlyMap<string, number>;
}

/** All counts of one hour, by the names in `sidecar/analytics/fields.ts`. */
export interface AnalyticsHour {
  hour: string;
  fields: Readonly<Record<string, number>>;
}

/** The hourly buckets of all sidecars. Rejects with `StoreUnavailable`. */
export interface AnalyticsStore {
  add(batch: AnalyticsBatch): Promise<void>;
  /** The buckets of these hours. Hours without a bucket are left out. */
  read(hours: readonly string[]): Promise<AnalyticsHour[]>;
  /** Redis's memory now; `null` without Redis. `limitBytes` is 0 without a limit. */
  memory(): Promise<{ usedBytes: number; limitBytes: number } | null>;
}
