import { RejoinError } from '../../../../shared/errors.ts';
import type { RoomChat } from '../../rooms/room-store.ts';
import type { StoredMessage } from '../../../../shared/chat/messages.ts';

/** The origin of a fork. It is stored with the fork. PROTOCOL.md calls a fork a branch. */
export interface KeptOrigin {
  /** The chat that was copied: its id, or `~<roomId>` if the request named the room. For a copy of a public page: the page's `shareId`. */
  chatId: string;
  messageId: string;
  /** The event id up to which the message was copied; `null`: the whole message. */
  at: string | null;
  /** True if the request said `now` instead of an event id. The sidecar has then chosen the event id in `at`. */
  isNow: boolean;
  /** The title that the copied chat or page had when the fork was made. */
  title: string;
}

/** A copy of messages that is not a chat yet: no list, search or response shows it, and it expires unless it is finished. */
export interface Copying {
  userId: string;
  /** The id of the chat that the copy becomes. */
  forkId: string;
  /**
   * The chat from which {@link ForkStore.copy} takes the messages with the given `ids`. It may be another person's chat. `null`: the
   * caller passes the messages themselves.
   */
  source: RoomChat | null;
  origin: KeptOrigin;
}

/**
 * The result of {@link ForkStore.copy}. `copying`: the copy now has `count` messages. The other results mean that nothing was added.
 * `elsewhere`: the unfinished copy with this id has another origin, and `origin` is that other origin. `made`: the fork with this id
 * is finished already, and `origin` is the origin of this fork. `taken`: a chat that is not a fork has this id. `gone`: the source
 * lacks at least one of the requested messages.
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

/** An unfinished copy is deleted this long after its latest batch of messages. */
export const COPY_MS = 10 * 60 * 1000;
/** Maximum number of forks that are remembered at one message. */
export const MAX_FORKS_OF_MESSAGE = 50;

/**
 * Makes forks (PROTOCOL.md 5.6). Every step can be repeated, and several processes may do the same steps at the same time. Even
 * then, the copy is finished only once. `fork-store.suite.ts` tests every promise made here.
 */
export interface ForkStore {
  /**
   * Adds messages to a copy: first the messages of `source` with these `ids`, then `messages`. Parents must come before their
   * children. Begins the copy if there is none. If the copy has fewer than `after` messages, it has expired since the previous
   * call, and nothing is added.
   */
  copy(
    copying: Copying,
    more: { after?: number; ids?: readonly string[]; messages?: readonly StoredMessage[] },
  ): Promise<Copied>;
  /**
   * Makes the copy a chat in one step, and adds this chat to the list of recent or of temporary chats. `again`: an earlier
   * call did this. `lost`: the copy has expired, lacks messages or has another origin, or another chat has its id. `bytes`: the size of
   * all messages of the chat as they are stored.
   */
  finishCopy(finishing: Finishing): Promise<{ what: 'made' | 'again' | 'lost'; bytes: number }>;
  dropCopy(copying: Copying): Promise<void>;
  /** Notes in the chat that was copied (`chatId`) at which message the fork was made. False if that chat was deleted. */
  noteFork(userId: string, fork: { chatId: string; messageId: string; forkId: string }): Promise<boolean>;
  /** The forks that were made at each of these messages, oldest first. Forks that were deleted since may be among them. */
  forksOf(
    userId: string,
    chatId: string,
    messageIds: readonly string[],
  ): Promise<{ messageId: string; chatId: string }[]>;
}

/** The refusal of a start whose chat id is that of an unfinished fork. */
export const chatIsCopied = (): RejoinError =>
  new RejoinError('chat_exists', { detail: 'A branch with this id is being made. Please try again in a moment.' });
