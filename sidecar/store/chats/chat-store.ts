import type { StoredMessage } from '../../../shared/messages.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import type { QueueStore } from './chat-queue.ts';
import type { ForkStore, KeptOrigin } from './forks/fork-store.ts';
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
  /** The stream that the chat points at. Usually it is queued, is being written, or has just ended. */
  stream: string | null;
  /** Since when the chat points at that stream. `null` if it points at none. */
  streamAt: string | null;
  /** How the latest stream ended. */
  last: { streamId: string; messageId: string; status: StreamOutcome; endedAt: string } | null;
  readAt: string | null;
  /** The message that was added last. */
  newest: string | null;
  /** Number of messages, including all versions. */
  count: number;
  /** Size of these messages as they are stored. */
  bytes: number;
  /** If a guest began it, their network address as a keyed hash; otherwise `null`. */
  address: string | null;
  /** When it was pinned; `null` if it is not. A chat is never both pinned and archived. */
  pinnedAt: string | null;
  archivedAt: string | null;
  /** True if no list and no search shows it. It is then deleted after {@link TEMPORARY_MS}. */
  temporary: boolean;
  /** Where it comes from; `null` if it is no fork of another chat. */
  fork: KeptOrigin | null;
  /** The id of its room; `null` if nobody was ever invited. */
  roomId: string | null;
  /** Raised by every change of the chat that its members would see. */
  v: number;
  /** How many people have a role in it, including the owner. */
  people: number;
  /** The owner's name as members see it; `null` if the owner has not given one yet. */
  ownerName: string | null;
  /** True if viewers may fork it into their own chats. */
  viewersFork: boolean;
}

/** A temporary chat is kept for this long, or for the lifetime of all other chats if that is shorter. */
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
  /** Length of the JSON of its parts. */
  chars: number;
}

/** One of the messages that lead to a message. `bytes`: the size of its JSON. */
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
  /** `undefined` does not change them. */
  instructions: string | undefined;
  /** The person's messages, stored in the same step. Parents come before their children. */
  messages: readonly StoredMessage[];
  /** A guest's network address as a keyed hash, stored with a new conversation. */
  address?: string | null;
  /** The member who asks in another person's chat. `point` throws `not_found` or `role_required` if they may no longer ask. */
  member?: string | null;
  /** For a new conversation: makes it temporary. For an existing one: whether it is temporary. */
  temporary?: boolean;
  /** Throws `stale_parent`, and does nothing, if another question already follows the parent of the first message. */
  atEnd?: boolean;
  /** Maximum number of messages, including the answer to be written. 0 or left out: no limit. */
  maxMessages?: number;
}

/**
 * `at`: the stream that the chat points at now; empty if it points at none. `isFull`: the chat has no room for these
 * messages and an answer, and nothing was done.
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
  /** The stream that the chat points at now, for example that of the chosen turn. */
  next: string | null;
}

/** A path through the tree of messages. A page ({@link Branch}) has the last messages of this path. */
export type BranchStart =
  /** The path through this message, down to the newest message below it. `null` or an unknown id: down to the newest message. */
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

/** Maximum number of entries and bytes in a page. A page always has at least one entry, even if that is larger. */
export interface PageBounds {
  limit: number;
  maxBytes: number;
}

/** A chat's place in a person's list. The list is sorted by the time of the last change, newest first, then by chat id. */
export interface ListPlace {
  /** When it changed last, in ms since 1970. In the list of pinned chats: when it was pinned. */
  changedMs: number;
  chatId: string;
}

export interface Deleted {
  /** The stream that it pointed at. */
  stream: string | null;
  address: string | null;
  /** The id of its room. */
  roomId: string | null;
  /** The ids of all its answers, including those whose turns still waited. */
  answers: string[];
}

/**
 * The conversations of each person. Each is deleted `ttlMs` after its last change, a temporary one after {@link TEMPORARY_MS} if
 * that is earlier. `chat-store.suite.ts` tests every promise made here.
 */
export interface ChatStore extends ForkStore, QueueStore, SaidStore {
  readonly rooms: RoomStore;
  /**
   * Points the chat at a stream, if it still points at the one that the caller saw. Throws `chat_exists` while a fork is being
   * copied under this id, and `stale_parent` (see `Pointing.atEnd`).
   */
  point(pointing: Pointing): Promise<Pointed>;
  /**
   * Like `point`, in two steps. The first packs the messages. The returned function sends its command before it returns, so the
   * caller's later commands also reach Redis later.
   */
  preparePoint(pointing: Pointing): Promise<() => Promise<Pointed>>;
  /**
   * Stores an answer that has ended, clears the pointer and chooses the next turn, in one step. `null` if the chat was deleted.
   * `onlyIfAsked`: the answer is stored only if its turn was chosen, that is, if the chat points at its stream.
   */
  settle(
    userId: string,
    chatId: string,
    streamId: string,
    answer: StoredMessage & { status: StreamOutcome },
    onlyIfAsked?: boolean,
  ): Promise<Settled | null>;
  /**
   * Clears the pointer to a stream that is gone and left no answer. If turns wait, the queue is paused. On a single Redis the
   * pointer stays if the stream has been created after all and has not ended.
   */
  unpoint(userId: string, chatId: string, streamId: string): Promise<void>;
  pointer(userId: string, chatId: string): Promise<string | null>;
  head(userId: string, chatId: string): Promise<ChatHead | null>;
  outline(userId: string, chatId: string, messageIds: readonly string[]): Promise<ChatOutline | null>;
  /** A page of one path. `null` if there is no such chat. */
  branch(userId: string, chatId: string, from: BranchStart, bounds: PageBounds): Promise<Branch | null>;
  /**
   * The places of the messages that lead to this one, the newest first. The list ends with the first message that makes them
   * exceed `maxChars` together.
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
