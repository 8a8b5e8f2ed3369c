import type { MetaStatus } from './stream-store.ts';

export interface SweptStream {
  streamId: string;
  userId: string;
  chatId: string;
  status: MetaStatus;
  /** A process has its lease. */
  isOwned: boolean;
  /** ISO 8601. */
  lastActivity: string;
  /** Only where it is so. */
  isPacked?: true;
}

/** Iterates over all keys for the cleanup, in bounded batches (SCAN, never KEYS). */
export interface SweepStore {
  /** Locks the sweep for one process over all sidecars. False if another process has the lock. */
  lockSweep(ttlMs: number): Promise<boolean>;
  unlockSweep(): Promise<void>;
  /** Counts a cleanup that a person asked for. Returns how many there were in the last minute. */
  countCleanup(userId: string): Promise<number>;
  streams(): AsyncIterable<SweptStream[]>;
  userSets(): AsyncIterable<{ userId: string; streamIds: string[] }[]>;
  /** Conversations that point at a stream. */
  pointers(): AsyncIterable<{ userId: string; chatId: string; streamId: string; streamAt: string }[]>;
  /** The members of `active_streams`, which recovery looks at. */
  indexed(): AsyncIterable<string[]>;
}
