/**
 * What one sidecar counted in one hour since it last told. `id` and `seq` make telling it again harmless: of one
 * sidecar only a higher `seq` than the last is taken.
 */
export interface AnalyticsBatch {
  /** ISO 8601, of the hour's beginning. */
  hour: string;
  /** Of the sidecar, or of its start. */
  id: string;
  seq: number;
  /** To be added. */
  sums: ReadonlyMap<string, number>;
  /** To be taken where they are larger. */
  maxima: ReadonlyMap<string, number>;
}

/** Everything that was counted in one hour, by its names; see `analytics/fields.ts`. */
export interface AnalyticsHour {
  hour: string;
  fields: Readonly<Record<string, number>>;
}

/** The small time buckets of all sidecars, one an hour. Rejects with `StoreUnavailable`. */
export interface AnalyticsStore {
  add(batch: AnalyticsBatch): Promise<void>;
  /** Those of these hours in which something was counted. */
  read(hours: readonly string[]): Promise<AnalyticsHour[]>;
  /** What Redis takes now; `null` where there is none. `limitBytes` is 0 where it has no limit. */
  memory(): Promise<{ usedBytes: number; limitBytes: number } | null>;
}
