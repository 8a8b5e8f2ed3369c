import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import type { QueueStore } from './chat-queue.ts';
import type { ForkStore, KeptOrigin } from './forks/fork-store.ts';
import type { Subject } from '../counts/admission-store.ts';
import type { RoomStore } from '../rooms/room-store.ts';
import type { SaidStore } from './said/said-store.ts';
import { foldText } from './words.ts';

/** A conversation without its messages. Times are ISO 8601. */
export interface ChatHead {
  chatId: string;
  title: string;
  createdAt: string;
  updatedAt: string;
  instructions: string;
  /** The stream that the chat points at. Usually this stream is queued, is being written, or has just ended. */
  stream: string | null;
  /** Since when the chat points at that stream. `null` if it points at none. */
  streamAt: string | null;
  /** The last stream that ended while the chat pointed at it, and how this stream ended. */
  last: { streamId: string; messageId: string; status: StreamOutcome; endedAt: string } | null;
  readAt: string | null;
  /** The message that was added last. */
  newest: string | null;
  /** Number of messages, including all versions. */
  count: number;
  /** Size of all messages as they are stored, together with their words for searches. */
  bytes: number;
  /** If a guest began the chat, their network address as a keyed hash; otherwise `null`. */
  address: string | null;
  /** When the chat was pinned; `null` if it is not pinned. A chat is never both pinned and archived. */
  pinnedAt: string | null;
  archivedAt: string | null;
  /** True if no list and no search shows the chat. Such a chat is deleted after {@link TEMPORARY_MS}. */
  temporary: boolean;
  /** The chat or public page from which this chat was copied; `null` if it is no fork. */
  fork: KeptOrigin | null;
  /** The id of the chat's room; `null` if nobody was ever invited. */
  roomId: string | null;
  /** The version of the chat. Every change of what members see raises the version, even while the chat has no members. */
  v: number;
  /** How many people have a role in the chat, including the owner. */
  people: number;
  /** The owner's name as members see it; `null` if the owner has not given one yet. */
  ownerName: string | null;
  /** True if viewers may fork the chat into their own chats. */
  viewersFork: boolean;
}

/** A temporary chat is deleted this long after it began, or earlier if the store keeps its chats for a shorter time. */
export const TEMPORARY_MS = 24 * 60 * 60 * 1000;

/** The lists that a chat can be in. Pinned chats are also `recent`. The list of temporary chats is never shown. */
export type ListName = 'recent' | 'pinned' | 'archived' | 'temporary';

export const listOf = ({ temporary, archivedAt }: Pick<ChatHead, 'temporary' | 'archivedAt'>): ListName =>
  temporary ? 'temporary' : archivedAt === null ? 'recent' : 'archived';

export const isInList = (head: ChatHead, list: ListName): boolean =>
  list === 'pinned' ? head.pinnedAt !== null : listOf(head) === list;

/** Where a message stands in the tree, and how large it is. */
export interface MessagePlace {
  role: StoredMessage['role'];
  /** `null` for a message that begins the chat. */
  parentId: string | null;
  /** 1 for a message that begins the chat. */
  depth: number;
  /** Length of the JSON of the message's parts. */
  chars: number;
}

/** A message on a path through the tree. `bytes`: the size of the message as JSON. */
export interface PathStep extends Omit<MessagePlace, 'parentId'> {
  id: string;
  bytes: number;
}

/** A chat's head, and the places of those requested messages that exist. */
export interface ChatOutline {
  head: ChatHead;
  places: ReadonlyMap<string, MessagePlace>;
}

export interface Pointing {
  userId: string;
  chatId: string;
  /** The stream that the chat pointed at when the caller last read it. */
  seen: string | null;
  streamId: string;
  /** The title of a new conversation. */
  title: string;
  /** `undefined` leaves the instructions of the chat unchanged. */
  instructions: string | undefined;
  /** The person's messages, stored in the same step. Parents come before their children. */
  messages: readonly StoredMessage[];
  /** A guest's network address as a keyed hash. Stored unless the conversation has an address already. */
  address?: string | null;
  /** The member who asks in another person's chat. `point` throws `not_found` or `role_required` if they may no longer ask. */
  member?: string | null;
  /**
   * True makes a new conversation temporary. An existing conversation never becomes temporary. For an existing conversation, pass
   * its {@link ChatHead.temporary}, because this value decides to which list the store adds the conversation.
   */
  temporary?: boolean;
  /** True: `point` does nothing and throws `stale_parent` if another question already follows the parent of `messages[0]`. */
  atEnd?: boolean;
  /** Maximum number of messages, including the answer to be written. 0 or left out: no limit. */
  maxMessages?: number;
  /**
   * `point` does nothing unless space for the stream is reserved in the quota of each of these subjects. Where
   * `StreamStore.seesChats` is true, callers may call `point` without waiting for the result of their reservation. Elsewhere `point`
   * does not check the reservation, so callers must wait for the result.
   */
  reservedBy?: readonly Subject[];
}

/**
 * `at`: the stream that the chat points at now; empty if it points at none. `isFull`: nothing was done, because the chat would
 * have more than `Pointing.maxMessages` messages.
 */
export interface Pointed {
  at: string;
  isFull: boolean;
  /** Size in bytes of all messages of the chat as they are stored. */
  bytes: number;
}

/** A chat after an answer was added. */
export interface Settled {
  bytes: number;
  address: string | null;
  temporary: boolean;
  /** The stream that the chat points at now, for example the stream of the next turn in the queue. `null` if it points at none. */
  next: string | null;
}

/** A path through the tree of messages. A page ({@link Branch}) has the last messages of this path. */
export type BranchStart =
  /**
   * The path through this message to the newest message below it. For `null` or an unknown id: the path to the newest message of the
   * chat.
   */
  | { through: string | null }
  /** The path that ends with this message. */
  | { at: string }
  /** The path that ends with the parent of this message. */
  | { before: string };

/** A page of a path through the tree of a chat's messages. What PROTOCOL.md calls a branch is called a fork here. */
export interface Branch {
  head: ChatHead;
  /** Oldest first. `versions`: the ids of all messages with the same role and parent. */
  messages: { message: StoredMessage; versions: string[] }[];
  /** True if the path has older messages. */
  hasMore: boolean;
  /** The ids of the messages that follow the last message. */
  children: { id: string; role: StoredMessage['role'] }[];
}

/** Maximum number of entries and bytes in a page. The first entry is in the page even if it is larger than `maxBytes`. */
export interface PageBounds {
  limit: number;
  maxBytes: number;
}

/** A chat's place in a person's list. The list is sorted by the time of the last change, newest first, then by chat id. */
export interface ListPlace {
  /** When the chat changed last, in ms since 1970. In the list of pinned chats: when the chat was pinned. */
  changedMs: number;
  chatId: string;
}

export interface Deleted {
  /** The stream that the deleted chat pointed at. */
  stream: string | null;
  address: string | null;
  /** The id of the chat's room. */
  roomId: string | null;
  /** The ids of all answers of the chat, including the answers of turns that waited in the queue. */
  answers: string[];
}

/**
 * The conversations of each person. A conversation is deleted `ttlMs` after its last change, and a temporary one at the latest
 * {@link TEMPORARY_MS} after it began. `chat-store.suite.ts` tests every promise made here.
 */
export interface ChatStore extends ForkStore, QueueStore, SaidStore {
  readonly rooms: RoomStore;
  /**
   * Points the chat at a stream, if the chat still points at the stream that the caller saw. Throws `chat_exists` while a fork that
   * will have this chat id is being made, and `stale_parent` (see `Pointing.atEnd`).
   */
  point(pointing: Pointing): Promise<Pointed>;
  /**
   * Like `point`, in two steps: `preparePoint` packs the messages, and the returned function does the rest. The returned function
   * sends its command to Redis synchronously, so commands that the caller sends afterwards reach Redis later.
   */
  preparePoint(pointing: Pointing): Promise<() => Promise<Pointed>>;
  /**
   * Stores an answer that has ended, clears the pointer and chooses the next turn of the queue, in one step. Returns `null` if the
   * chat was deleted. `onlyIfAsked`: the answer is stored only if its turn was chosen, that is, if the chat points at `streamId`.
   */
  settle(
    userId: string,
    chatId: string,
    streamId: string,
    answer: StoredMessage & { status: StreamOutcome },
    onlyIfAsked?: boolean,
  ): Promise<Settled | null>;
  /**
   * Clears the pointer to a stream that is gone and left no answer. If turns wait, the queue is paused. On a single Redis
   * server, the pointer stays if the stream exists after all and has not ended. Other stores do not check this.
   */
  unpoint(userId: string, chatId: string, streamId: string): Promise<void>;
  pointer(userId: string, chatId: string): Promise<string | null>;
  head(userId: string, chatId: string): Promise<ChatHead | null>;
  outline(userId: string, chatId: string, messageIds: readonly string[]): Promise<ChatOutline | null>;
  /** A page of one path. `null` if there is no such chat. */
  branch(userId: string, chatId: string, from: BranchStart, bounds: PageBounds): Promise<Branch | null>;
  /**
   * This message and the messages that lead to it, the newest first. The list ends with the message that makes the sum of all
   * `chars` exceed `maxChars`.
   */
  path(userId: string, chatId: string, messageId: string, maxChars: number): Promise<PathStep[]>;
  /** A page of all messages in the order in which they were added. `after` and `next` count the messages already read. */
  messages(
    userId: string,
    chatId: string,
    after: number,
    bounds: PageBounds,
  ): Promise<{ messages: StoredMessage[]; next: number | null }>;
  /** A page of one of a person's lists, the most recently changed chat first. Pinned chats: the most recently pinned first. */
  list(userId: string, page: ListPage): Promise<ChatList>;
  /** Like `list`, for chats whose title contains `text`. Case and accents do not count. */
  search(userId: string, text: string, page: ListPage): Promise<ChatList>;
  /**
   * The chats that have all of these words in their title or in one message, the most recently changed first, including
   * archived ones. `turn` runs each step of the search, and may let other work run between two steps.
   */
  find(
    userId: string,
    words: readonly string[],
    page: FindPage,
  ): Promise<{ found: FoundChat[]; next: ListPlace | null }>;
  /** False if there is no such chat. */
  patch(userId: string, chatId: string, changes: ChatChanges): Promise<boolean>;
  /** `null` if there is no such chat. */
  delete(userId: string, chatId: string): Promise<Deleted | null>;
}

export interface ListPage {
  before: ListPlace | null;
  limit: number;
  /** Default: `recent`. */
  list?: ListName;
}

export interface FindPage {
  before: ListPlace | null;
  limit: number;
  turn: <T>(step: () => Promise<T>) => Promise<T>;
}

export interface FoundChat {
  head: ChatHead;
  inTitle: boolean;
  /** The newest message that has all the words. */
  messageId: string | null;
}

/** `pinnedAt: null` unpins a chat, and `archivedAt: null` unarchives it. Archiving also unpins, and pinning also unarchives. */
export interface ChatChanges {
  title?: string | undefined;
  instructions?: string | undefined;
  readAt?: string | undefined;
  pinnedAt?: string | null | undefined;
  archivedAt?: string | null | undefined;
  ownerName?: string | undefined;
  /** `'1'`: viewers may fork the chat; `null`: they may not. */
  viewersFork?: '1' | null | undefined;
}

export interface ChatList {
  chats: ChatHead[];
  next: ListPlace | null;
}

/** Case and accents do not count. */
export const containsText = (title: string, text: string): boolean => foldText(title).includes(foldText(text));
