import type { MetaStatus } from './stream-store.ts';

export interface SweptStream {
  streamId: string;
  userId: string;
  chatId: string;
  status: MetaStatus;
  /** True if a process holds its lease. */
  isOwned: boolean;
  /** ISO 8601. */
  lastActivity: string;
  /** Left out if the log is not packed. */
  isPacked?: true;
}

/** A part of everything that a cleanup looks at, in no order. */
export interface SweptPart {
  streams: SweptStream[];
  /** Which streams are said to be active, by person. */
  userSets: { userId: string; streamIds: string[] }[];
  /** Conversations that point at a stream. */
  pointers: { userId: string; chatId: string; streamId: string; streamAt: string }[];
  /** Where the next part begins; `null`: this was the last. */
  next: string | null;
}

/** Walks through all keys for the cleanup, in bounded parts (SCAN, never KEYS), so that streams never wait for it long. */
export interface SweepStore {
  /** Locks the sweep for one process over all sidecars. False if another process has the lock. */
  lockSweep(ttlMs: number): Promise<boolean>;
  /** False: the lock was lost, so another process may sweep. */
  keepLock(ttlMs: number): Promise<boolean>;
  unlockSweep(): Promise<void>;
  /** Counts a cleanup that a person asked for. Returns how many there were in the last minute. */
  countCleanup(userId: string): Promise<number>;
  /** `from`: the `next` of the part before; `null`: from the beginning. */
  walk(from: string | null): Promise<SweptPart>;
  /** Notes where a sweep is to go on if it ends here; `''`: it came to its end. It is forgotten after `ttlMs`. */
  notePlace(place: string, ttlMs: number): Promise<void>;
  /** What was noted last; `''`: nothing. */
  place(): Promise<string>;
  /** The members of `active_streams`, which recovery looks at. */
  indexed(): AsyncIterable<string[]>;
}
