import type { MetaStatus } from './stream-store.ts';

export interface SweptStream {
  streamId: string;
  userId: string;
  chatId: string;
  status: MetaStatus;
  /**
   * True if the stream is active and a process holds its lease. A stream that was handed over counts as owned, because another
   * process is about to take it over.
   */
  isOwned: boolean;
  /** ISO 8601. */
  lastActivity: string;
  /** Left out if the log is not packed. */
  isPacked?: true;
}

/** One part of the data that a cleanup checks, in no particular order. */
export interface SweptPart {
  streams: SweptStream[];
  /** The stored sets of active streams, by person. They may name streams that have ended or do not exist. */
  userSets: { userId: string; streamIds: string[] }[];
  /** Conversations that point at a stream. */
  pointers: { userId: string; chatId: string; streamId: string; streamAt: string }[];
  /** Where the next part begins; `null`: this is the last part. */
  next: string | null;
}

/**
 * What the cleanup needs from the store. A *sweep* is a cleanup of everybody's streams: it walks through all keys and removes what
 * has expired. `walk` reads the keys in bounded parts (SCAN, never KEYS), so that no other call waits long.
 */
export interface SweepStore {
  /** Takes the lock that lets only one sidecar sweep at a time. False if another process has the lock. */
  lockSweep(ttlMs: number): Promise<boolean>;
  /** Extends the lock. False if this process has lost the lock, so that another process may sweep. */
  keepLock(ttlMs: number): Promise<boolean>;
  unlockSweep(): Promise<void>;
  /** Counts a cleanup that a person asked for. Returns how many this person has asked for in the current minute. */
  countCleanup(userId: string): Promise<number>;
  /** `from`: the `next` of the part before; `null`: from the beginning. */
  walk(from: string | null): Promise<SweptPart>;
  /** Notes where the next sweep goes on if this one stops; `''`: this sweep is complete. The note expires after `ttlMs`. */
  notePlace(place: string, ttlMs: number): Promise<void>;
  /** The place that was noted last; `''`: none. */
  place(): Promise<string>;
  /** The ids in the index of active streams, which recovery reads. */
  indexed(): AsyncIterable<string[]>;
}
