/**
 * What one sidecar has counted for one hour since its previous batch for that hour. Adding a batch again changes nothing: a batch
 * is added only if its `seq` is higher than the `seq` of the sidecar's previous batch.
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

/** What all sidecars together have counted, by the hour. A call rejects with `StoreUnavailable` if the store does not answer. */
export interface AnalyticsStore {
  add(batch: AnalyticsBatch): Promise<void>;
  /** The counts of these hours. Hours without counts are left out. */
  read(hours: readonly string[]): Promise<AnalyticsHour[]>;
  /** How much memory Redis uses and may use; `null` without Redis. `limitBytes` is 0 if there is no limit. */
  memory(): Promise<{ usedBytes: number; limitBytes: number } | null>;
}
