import type { ShareOptions } from '../../../shared/chat/share-options.ts';
import type { ShareMode } from '../../../shared/chat/shares.ts';

/** The settings of a public page, as they are stored with its chat. */
export interface ShareDefinition {
  mode: ShareMode;
  /** The page shows the path through this message; `null`: the path to the newest message. */
  leaf: string | null;
  revision: number;
  /** `null`: the title of the chat. */
  title: string | null;
  createdAt: string;
  /** When the last revision of the page was made. */
  updatedAt: string;
  /** The size of the stored content of a snapshot; 0 for a live page, which is read from the chat. */
  bytes: number;
  shows: ShareOptions;
}

export interface StoredShare extends ShareDefinition {
  /** The SHA-256 of the secret in the page's URL. */
  shareId: string;
  ownerId: string;
  chatId: string;
  chatTitle: string;
  /** When the page expires: at the time that its owner chose, or earlier if the chat expires earlier. */
  expiresAtMs: number;
  reads: number;
  lastReadAt: string | null;
  /** The state of the page when it was read. {@link ShareStore.change} does nothing if the page no longer has this state. */
  state: string;
}

export interface NewShare {
  shareId: string;
  ownerId: string;
  chatId: string;
  definition: ShareDefinition;
  expiresInMs: number;
  /** The content of a snapshot; `null` for a live page. */
  page: Buffer | null;
}

/**
 * Public pages (PROTOCOL.md 5.11). A page exists only while the data of its chat has a field for the page. So deleting the chat
 * ends the page in the same step. `share-store.suite.ts` tests every promise made here.
 */
export interface ShareStore {
  /** `full`: the person would have more than `maxShares` pages (0: any number). `absent`: there is no such chat. */
  create(share: NewShare, limits: { maxShares: number }): Promise<StoredShare | 'full' | 'absent'>;
  /** `null` if there is no such page, or if the page has ended. */
  get(shareId: string): Promise<StoredShare | null>;
  /** The content of this revision of a snapshot. `null` for a live page, or if the next revision was made in the meantime. */
  page(share: StoredShare): Promise<Buffer | null>;
  /** `changed`: the page no longer has the state `share.state`, and nothing was done. */
  change(
    share: StoredShare,
    change: { definition: ShareDefinition; expiresInMs?: number; page?: Buffer },
  ): Promise<StoredShare | 'changed'>;
  /** Ends a page. Does nothing if the page has already ended. */
  remove(share: Pick<StoredShare, 'shareId' | 'ownerId' | 'chatId'>): Promise<void>;
  /** Deletes what is left of pages that do not exist any more, for example because their chat was deleted. */
  forget(ownerId: string, shareIds: readonly string[]): Promise<void>;
  /** The ids of a chat's pages. Some may have expired. */
  ofChat(ownerId: string, chatId: string): Promise<string[]>;
  /** The ids of a person's pages. Some may have ended. */
  ofUser(ownerId: string): Promise<string[]>;
  countRead(shareId: string): Promise<void>;
  /**
   * Counts that somebody opens a page. Resolves to how many pages they have opened in their current window of
   * {@link OPENS_WINDOW_MS}. `who`: a network address, or a user id if the address is not known.
   */
  countOpen(who: string): Promise<number>;
}

/** Opened pages are counted in windows of this length. A window begins with the first page that a network address or a person opens. */
export const OPENS_WINDOW_MS = 60_000;

/** Reads `StoredShare.state`, which is stored as `<when the page expires, ms since 1970> <definition of the page, JSON>`. */
export function readState(state: string): { expiresAtMs: number; definition: ShareDefinition } {
  const at = state.indexOf(' ');
  return { expiresAtMs: Number(state.slice(0, at)), definition: JSON.parse(state.slice(at + 1)) as ShareDefinition };
}
