import type { Subject } from './admission-store.ts';

/** Something that takes up space: a chat (`c…`) or a stream (`s…`). */
export interface Holding {
  member: string;
  /** All of it. The same can be said any number of times. */
  bytes: number;
  /** It is forgotten after this time, as Redis has then deleted what it stands for. */
  ttlMs: number;
}

export interface HoldRequest {
  subject: Subject;
  holdings: readonly Holding[];
  /** All holdings together may have this many bytes. 0: any number, for what is stored already. */
  maxBytes: number;
  /** There may be this many chats. 0: any number. */
  maxChats: number;
}

/** `full`, `tooManyChats`: nothing was changed. `bytes`: of all holdings, as they are now. */
export interface HoldResult {
  what: 'held' | 'full' | 'tooManyChats';
  bytes: number;
}

/**
 * How many bytes a person, or all guests at one address, have stored, for all sidecars together. Each call is one step
 * that no other comes between.
 */
export interface UsageStore {
  hold(request: HoldRequest): Promise<HoldResult>;
  members(subject: Subject): Promise<string[]>;
  release(subject: Subject, members: readonly string[]): Promise<void>;
}
