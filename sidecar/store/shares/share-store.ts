import type { ShareOptions } from '../../../shared/share-options.ts';
import type { ShareMode } from '../../../shared/shares.ts';

/** What a public page is, as it is kept with its chat. */
export interface ShareDefinition {
  mode: ShareMode;
  /** The branch through this message; `null`: the newest one. */
  leaf: string | null;
  revision: number;
  /** `null`: the title of the chat. */
  title: string | null;
  createdAt: string;
  /** When its last revision was made. */
  updatedAt: string;
  /** The size of the frozen page. */
  bytes: number;
  shows: ShareOptions;
}

export interface StoredShare extends ShareDefinition {
  /** The SHA-256 of the secret in its address. */
  shareId: string;
  ownerId: string;
  chatId: string;
  chatTitle: string;
  /** A temporary chat ends earlier than others. */
  expiresAtMs: number;
  reads: number;
  lastReadAt: string | null;
  /** Names this state. Changes are made only to the state that was read. */
  state: string;
}

export interface NewShare {
  shareId: string;
  ownerId: string;
  chatId: string;
  definition: ShareDefinition;
  expiresInMs: number;
  /** The frozen page. */
  page: Buffer | null;
}

/**
 * Public pages. A page exists as long as its field of the chat does: whatever deletes the chat ends its pages in the same
 * step, also for a chat that is made again under the same id. All other keys are hints or contents, and expire.
 *
 * Every promise here is held by `share-store.suite.ts`, run against Redis and against the memory of one process.
 */
export interface ShareStore {
  /** `full`: the person would have more than `maxShares` (0: any number). `absent`: there is no such chat. */
  create(share: NewShare, limits: { maxShares: number }): Promise<StoredShare | 'full' | 'absent'>;
  /** `null` if there is none, it has expired or was revoked, or its chat is gone. */
  get(shareId: string): Promise<StoredShare | null>;
  /** What this revision of a snapshot shows. `null` if the next one was made meanwhile. */
  page(share: StoredShare): Promise<Buffer | null>;
  /** `changed`: it is not in this state any more, and nothing was done. */
  change(
    share: StoredShare,
    change: { definition: ShareDefinition; expiresInMs?: number; page?: Buffer },
  ): Promise<StoredShare | 'changed'>;
  /** Ends it at once. Does nothing if it has ended. */
  remove(share: Pick<StoredShare, 'shareId' | 'ownerId' | 'chatId'>): Promise<void>;
  /** Deletes what is left of pages whose chat was deleted. */
  forget(ownerId: string, shareIds: readonly string[]): Promise<void>;
  /** The ids of a chat's pages. Some may have expired. */
  ofChat(ownerId: string, chatId: string): Promise<string[]>;
  /** The ids of a person's pages. Some may have ended. */
  ofUser(ownerId: string): Promise<string[]>;
  /** Counts that it was opened. */
  countRead(shareId: string): Promise<void>;
  /** Returns how many pages `who` opened since the first one in the last minute, with this one. */
  countOpen(who: string): Promise<number>;
}

/** The window of {@link ShareStore.countOpen}. */
export const OPENS_WINDOW_MS = 60_000;

/** The value of a chat's field `s:<shareId>`: `<when it expires> <JSON>`. */
export function readState(state: string): { expiresAtMs: number; definition: ShareDefinition } {
  const at = state.indexOf(' ');
  return { expiresAtMs: Number(state.slice(0, at)), definition: JSON.parse(state.slice(at + 1)) as ShareDefinition };
}
