import { RejoinError } from '../../../../shared/errors.ts';
import type { RoomChat } from '../../rooms/room-store.ts';
import type { StoredMessage } from '../../../../shared/messages.ts';

/** Where a fork comes from, as it is kept with the fork. PROTOCOL.md calls a fork a branch. */
export interface KeptOrigin {
  /** The chat that was copied: its id or `~<roomId>`, as the request named it. For a copy of a public page: its `shareId`. */
  chatId: string;
  messageId: string;
  /** The event id up to which the message was copied; `null`: the whole message. */
  at: string | null;
  /** True if the request said `now`, and the sidecar chose `at`. */
  isNow: boolean;
  /** The title of that chat or page when the fork was made. */
  title: string;
}

/** A copy of messages that is not a chat yet: no list, search or response shows it, and it expires unless it is finished. */
export interface Copying {
  userId: string;
  /** The id of the chat that the copy becomes. */
  forkId: string;
  /** The chat whose messages are copied by their ids. It may be somebody else's. `null`: the caller passes all messages. */
  source: RoomChat | null;
  origin: KeptOrigin;
}

/**
 * `copying`: the copy has `count` messages now. `elsewhere`: nothing was added, because the copy with this id was begun
 * from another place, `origin`. `made`: it is finished, and came from `origin`. `taken`: a chat that is not a fork has this id.
 * `gone`: the chat that is copied does not have these messages (any more).
 */
export type Copied =
  { what: 'copying' | 'elsewhere' | 'made'; origin: KeptOrigin; count: number } | { what: 'taken' | 'gone' };

export interface Finishing extends Copying {
  /** How many messages the copy must have. */
  count: number;
  title: string;
  instructions: string;
  address: string | null;
  temporary: boolean;
}

/** A copy that was not finished is deleted after this time. */
export const COPY_MS = 10 * 60 * 1000;
/** Maximum number of forks that are remembered at one message. */
export const MAX_FORKS_OF_MESSAGE = 50;

/**
 * Makes forks (PROTOCOL.md 5.6). Every step can be repeated, and done by several processes at once: the copy is finished
 * once. `fork-store.suite.ts` tests every promise made here.
 */
export interface ForkStore {
  /**
   * Adds messages to a copy, parents before their children: first those with these `ids` as they are in `source`,
   * then these `messages`. Begins the copy if there is none. Adds nothing if the copy has fewer than `after` messages: it
   * has expired meanwhile.
   */
  copy(
    copying: Copying,
    more: { after?: number; ids?: readonly string[]; messages?: readonly StoredMessage[] },
  ): Promise<Copied>;
  /**
   * Makes the copy a chat, in one step, and puts it into its list. `again`: this was done before. `lost`: the copy has expired,
   * lacks messages or was begun from another place, or another chat has its id. `bytes`: the size of all its messages as they are
   * stored.
   */
  finishCopy(finishing: Finishing): Promise<{ what: 'made' | 'again' | 'lost'; bytes: number }>;
  dropCopy(copying: Copying): Promise<void>;
  /** Remembers, with the chat that was copied, at which message the fork was made. False if that chat was deleted. */
  noteFork(userId: string, fork: { chatId: string; messageId: string; forkId: string }): Promise<boolean>;
  /** The forks that were made at these messages, oldest first for each. Some of them may be deleted. */
  forksOf(
    userId: string,
    chatId: string,
    messageIds: readonly string[],
  ): Promise<{ messageId: string; chatId: string }[]>;
}

/** The refusal of a start whose chat id is that of an unfinished fork. */
export const chatIsCopied = (): RejoinError =>
  new RejoinError('chat_exists', { detail: 'A branch with this id is being made. Please try again in a moment.' });
