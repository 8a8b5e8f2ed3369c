import type { Subject } from './admission-store.ts';

/** Something that takes up space: a chat, a stream, a template or a public page. */
export interface Holding {
  /** The name of the holding. It begins with `c` for a chat, `s` for a stream, `t` for a template, `p` for a public page. */
  member: string;
  /** The total size of the chat, stream, template or page. Passing the same size to `hold` again changes nothing. */
  bytes: number;
  /** The holding is removed after this time. The chat, stream, template or page expires after the same time. */
  ttlMs: number;
}

export interface HoldRequest {
  subject: Subject;
  holdings: readonly Holding[];
  /** Maximum number of bytes of all holdings. 0: no limit. Callers pass 0 for data that is stored already. */
  maxBytes: number;
  /** Maximum number of chats. 0: no limit. */
  maxChats: number;
}

/** `full`, `tooManyChats`: nothing was changed. `bytes`: the current size of all holdings. */
export interface HoldResult {
  what: 'held' | 'full' | 'tooManyChats';
  bytes: number;
}

/** Counts the bytes that a person, or all guests at one address, have stored, across all sidecars. Each call is atomic. */
export interface UsageStore {
  hold(request: HoldRequest): Promise<HoldResult>;
  /** The names of all holdings. */
  members(subject: Subject): Promise<string[]>;
  release(subject: Subject, members: readonly string[]): Promise<void>;
}
