import type { MetaStatus } from './stream-store.ts';

export interface SweptStream {
  streamId: string;
  userId: string;
  chatId: string;
  status: MetaStatus;
  /** Somebody holds its lease. */
  isOwned: boolean;
  /** ISO 8601. */
  lastActivity: string;
}

/** Walks over everything there is, in bounded batches (SCAN, never KEYS), for the cleanup. */
export interface SweepStore {
  /** One sweeper at a time across all sidecars. False when another is at it. */
  lockSweep(ttlMs: number): Promise<boolean>;
  unlockSweep(): Promise<void>;
  streams(): AsyncIterable<SweptStream[]>;
  userSets(): AsyncIterable<{ userId: string; streamIds: string[] }[]>;
  /** Conversations that point at a stream. */
  pointers(): AsyncIterable<{ userId: string; chatId: string; streamId: string; streamAt: string }[]>;
  /** The members of the index that recovery looks at. */
  indexed(): AsyncIterable<string[]>;
}
