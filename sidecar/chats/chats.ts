import {
  MAX_PAGE_BYTES,
  type Chat,
  type ChatList,
  type ChatDeletionQuery,
  type ChatListQuery,
  type ChatPatch,
  type ChatQuery,
  type ChatSummary,
  type MessagePage,
  type MessagesQuery,
} from '../../shared/chat/chat.ts';
import { formatEventId } from '../../shared/stream/event-id.ts';
import { RejoinError } from '../../shared/errors.ts';
import type { StreamStatus } from '../../shared/stream/stream.ts';
import type { Owner, Quota } from '../limits/quota.ts';
import type { Branch, BranchStart, ChatHead, ChatStore } from '../store/chats/chat-store.ts';
import { isRunning, type StreamMeta, type StreamStore } from '../store/streams/stream-store.ts';
import type { Settler } from '../streams/end/settle.ts';
import { toQueue } from '../streams/queue/manage-queue.ts';
import { replayLog } from '../streams/log/replay-log.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import { toCursor, toPlace } from './cursor.ts';
import { createShownForks } from './forks/shown-forks.ts';
import type { Lane } from './lane.ts';

/** A client of the AI SDK that comes back within this time after the end of a stream still gets that stream. */
const LATEST_MS = 60_000;
/** When a chat is deleted, this many of its streams are removed at a time. */
const REMOVED_AT_ONCE = 32;
const DELETED_PAGE = 200;
const MAX_PINNED = 50;

export interface Chats {
  list(userId: string, query: ChatListQuery): Promise<ChatList>;
  /**
   * The chat, with a page of its messages. The messages form a tree, because a message can have several versions. The page shows
   * one path through this tree. Throws `not_found`.
   */
  get(userId: string, chatId: string, query: Omit<ChatQuery, 'maxBytes'> & Partial<ChatQuery>): Promise<Chat>;
  /** A page of the messages on all paths through the chat. Throws `not_found`. */
  messages(userId: string, chatId: string, query: MessagesQuery): Promise<MessagePage>;
  patch(userId: string, chatId: string, patch: ChatPatch): Promise<ChatSummary>;
  /**
   * Deletes the chat and its streams. Does nothing if there is no such chat. If the query has `unlessAskedWithinMs`, and something
   * was asked in the chat less than that many milliseconds ago, throws `stale_parent` and deletes nothing.
   */
  delete(userId: string, chatId: string, query?: ChatDeletionQuery): Promise<void>;
  deleteAll(userId: string): Promise<void>;
  /** The stream to follow in the chat: the active one, or the last one if it ended less than a minute ago. */
  latestStream(userId: string, chatId: string): Promise<{ streamId: string; status: StreamStatus } | null>;
}

/** Lists the public pages of a chat, and deletes what is left of these pages after the chat was deleted. */
interface EndsOfShares {
  listed(ownerId: string, chatId: string): Promise<string[]>;
  forget(owner: Owner, shareIds: readonly string[]): Promise<void>;
}

export function createChats({
  chats,
  store,
  settler,
  manager,
  quota,
  shareEnds,
  lane,
}: {
  chats: ChatStore;
  store: StreamStore;
  settler: Pick<Settler, 'settleFromLog'>;
  manager: Pick<StreamManager, 'state' | 'remove' | 'streamIdOf' | 'beginSoon' | 'clearLostPointer'>;
  quota?: Pick<Quota, 'release'>;
  shareEnds?: EndsOfShares;
  /** Runs large reads, only a few at a time, so that they do not delay the streams of other people. */
  lane: Lane;
}): Chats {
  const shownForks = createShownForks({ chats });

  /**
   * Reads the chat's head and its active stream. If the head still points at a stream that has ended, the message of this stream is
   * not in the chat yet. So the stream is settled, and the head is read again. A pointer to a stream that does not exist is cleared.
   */
  async function current(userId: string, chatId: string): Promise<{ head: ChatHead; active: StreamMeta | null }> {
    for (let tries = 0; ; tries++) {
      const head = await chats.head(userId, chatId);
      if (head === null) throw new RejoinError('not_found');
      if (head.stream === null) return { head, active: null };
      const meta = await store.meta(head.stream);
      // The head points at a queued stream only when the turn of the stream has come. The process that had to start the stream may
      // have died.
      if (meta?.status === 'queued') manager.beginSoon(head.stream);
      if (meta !== null && isRunning(meta.status)) return { head, active: meta };
      if (meta === null) await manager.clearLostPointer(userId, head);
      if (meta === null || tries > 2) return { head: { ...head, stream: null }, active: null };
      await settler.settleFromLog(head.stream, meta);
    }
  }

  async function summary(userId: string, read: ChatHead): Promise<ChatSummary> {
    const meta = read.stream === null ? null : await store.meta(read.stream);
    // If the head points at a stream that has ended, the end of the stream is not in the head yet, so the stream is settled first.
    // If settling fails, the summary shows the chat as it was read, and recovery settles the stream later.
    const { head, active } =
      meta === null || isRunning(meta.status)
        ? { head: read, active: meta }
        : await current(userId, read.chatId).catch(() => ({ head: read, active: null }));
    const { chatId, title, createdAt, updatedAt, last, readAt } = head;
    const stream =
      active === null
        ? last && { streamId: last.streamId, messageId: last.messageId, status: last.status }
        : { streamId: head.stream!, messageId: active.messageId, status: 'active' as const };
    return {
      chatId,
      title,
      createdAt,
      updatedAt,
      stream,
      unread: active === null && last !== null && (readAt === null || readAt < last.endedAt),
      pinned: head.pinnedAt !== null,
      archived: head.archivedAt !== null,
      forked: head.fork !== null,
      people: head.people,
    };
  }

  async function streamOf(userId: string, streamId: string, active: StreamMeta): Promise<Chat['stream']> {
    const [state, log] = await Promise.all([
      manager.state(userId, streamId),
      replayLog({ store, streamId, messageId: active.messageId }),
    ]);
    if (log === null) return null;
    return {
      ...state,
      // The stream was active when the head was read, and may have ended since. If the log was read before the stream ended,
      // `completed` together with only a part of the text would look like the whole answer. The client continues to read the
      // log and finds the end there.
      status: 'active',
      error: null,
      bytes: log.position,
      lastEventId: log.lastEventId && formatEventId(log.lastEventId),
      message: log.fold.message,
      parentId: active.parentId || null,
    };
  }

  /** Throws `stale_parent` if the newest question was asked at `sinceMs` or later. */
  async function assertQuiet(userId: string, chatId: string, sinceMs: number): Promise<void> {
    const end = await lane.run(() =>
      chats.branch(userId, chatId, { through: null }, { limit: 2, maxBytes: MAX_PAGE_BYTES }),
    );
    const question = end?.messages.findLast(({ message }) => message.role === 'user')?.message;
    if (question === undefined || Date.parse(question.createdAt) < sinceMs) return;
    throw new RejoinError('stale_parent', {
      detail: 'The chat was not deleted, because something was asked in it after the deletion was requested.',
      extra: { leafId: end!.messages.at(-1)!.message.id },
    });
  }

  async function deleteOne(userId: string, chatId: string): Promise<void> {
    // These ids cannot be read any more once the chat is deleted.
    const shareIds = (await shareEnds?.listed(userId, chatId)) ?? [];
    const deleted = await chats.delete(userId, chatId);
    if (deleted === null) return;
    if (deleted.roomId !== null)
      await store.announce({ type: 'access', ownerId: userId, chatId }).catch(() => {
        /* without the announcement, readers are cut a few seconds later, when their sidecar checks their roles */
      });
    const answers = deleted.answers.map((messageId) => manager.streamIdOf(userId, chatId, messageId));
    const streamIds = [...new Set([...answers, ...(deleted.stream === null ? [] : [deleted.stream])])];
    // The streams are removed before the public pages, because some streams may still run. If this process died before it
    // removed the streams, a repeated deletion would not remove them, because the ids of the streams are deleted with the chat.
    await removeStreams(userId, streamIds);
    await shareEnds?.forget({ userId, address: deleted.address }, shareIds);
    await quota?.release({ userId, address: deleted.address, chatId, streamIds });
  }

  async function removeStreams(userId: string, streamIds: readonly string[]): Promise<void> {
    for (let i = 0; i < streamIds.length; i += REMOVED_AT_ONCE) {
      const some = streamIds.slice(i, i + REMOVED_AT_ONCE);
      await Promise.all(some.map((streamId) => manager.remove(userId, streamId)));
    }
  }

  const pinnedOf = async (userId: string): Promise<ChatHead[]> =>
    (await chats.list(userId, { before: null, limit: MAX_PINNED, list: 'pinned' })).chats;

  async function assertMovable(userId: string, chatId: string, isPinning: boolean): Promise<void> {
    const [head, pinned] = await Promise.all([chats.head(userId, chatId), isPinning ? pinnedOf(userId) : []]);
    if (head?.temporary)
      throw new RejoinError('invalid_request', { detail: 'A temporary chat cannot be pinned or archived.' });
    if (pinned.length >= MAX_PINNED && !pinned.some((one) => one.chatId === chatId))
      throw new RejoinError('invalid_request', {
        detail: `You have ${MAX_PINNED} pinned chats. Unpin one of them first.`,
      });
  }

  return {
    async list(userId, { before, limit, q = '', list = 'recent' }) {
      const page = { before: before === undefined ? null : toPlace(before), limit, list };
      const hasPinned = list === 'recent' && before === undefined && q === '';
      const [pinned, { chats: heads, next }] = await lane.run(() =>
        Promise.all([
          hasPinned ? pinnedOf(userId) : [],
          q === '' ? chats.list(userId, page) : chats.search(userId, q, page),
        ]),
      );
      return {
        chats: await Promise.all(heads.map((head) => summary(userId, head))),
        pinned: await Promise.all(pinned.map((head) => summary(userId, head))),
        next: next && toCursor(next),
      };
    },

    async get(userId, chatId, query) {
      const { head, active } = await current(userId, chatId);
      const isEnd = query.before === undefined;
      const [branch, queue] = await lane.run(() =>
        Promise.all([
          chats.branch(userId, chatId, startOf(query, active), {
            limit: query.limit,
            maxBytes: query.maxBytes ?? MAX_PAGE_BYTES,
          }),
          isEnd ? chats.queue(userId, chatId, true) : null,
        ]),
      );
      if (branch === null) throw new RejoinError('not_found');
      const isShown = active !== null && isEnd;
      const ids = branch.messages.map(({ message }) => message.id);
      const [stream, forks] = await Promise.all([
        isShown ? streamOf(userId, head.stream!, active) : null,
        shownForks(userId, head, isShown ? [...ids, active.messageId] : ids),
      ]);
      return {
        ...toPage(branch),
        // `v` is the version that was read first, so that the feed reports everything that has changed since then.
        room: toRoom(userId, { ...branch.head, v: head.v }),
        ...forks,
        stream,
        queue: queue === null ? { turns: [], paused: false } : toQueue(queue),
        said: isShown ? (queue?.said.map((message) => ({ ...message, parentId: active.messageId })) ?? []) : [],
      };
    },

    async messages(userId, chatId, { after, limit }) {
      if ((await chats.head(userId, chatId)) === null) throw new RejoinError('not_found');
      return lane.run(() => chats.messages(userId, chatId, after, { limit, maxBytes: MAX_PAGE_BYTES }));
    },

    async patch(userId, chatId, { title, instructions, read, pinned, archived, viewersMayBranch }) {
      const now = new Date().toISOString();
      const since = (isOn: boolean | undefined) => (isOn === undefined ? undefined : isOn ? now : null);
      if (pinned !== undefined || archived !== undefined)
        await assertMovable(userId, chatId, pinned === true && archived !== true);
      const isKnown = await chats.patch(userId, chatId, {
        title,
        instructions,
        readAt: read ? now : undefined,
        viewersFork: viewersMayBranch === undefined ? undefined : viewersMayBranch ? '1' : null,
        // If one patch pins and archives the chat, the chat is only archived, because a chat cannot be pinned and archived together.
        pinnedAt: archived ? undefined : since(pinned),
        archivedAt: pinned && !archived ? undefined : since(archived),
      });
      const head = isKnown ? await chats.head(userId, chatId) : null;
      if (head === null) throw new RejoinError('not_found');
      return summary(userId, head);
    },

    async delete(userId, chatId, { unlessAskedWithinMs } = {}) {
      if (unlessAskedWithinMs !== undefined) await assertQuiet(userId, chatId, Date.now() - unlessAskedWithinMs);
      await deleteOne(userId, chatId);
    },

    async deleteAll(userId) {
      for (const list of ['recent', 'archived', 'temporary'] as const) {
        for (;;) {
          const { chats: heads } = await chats.list(userId, { before: null, limit: DELETED_PAGE, list });
          if (heads.length === 0) break;
          for (const { chatId } of heads) await deleteOne(userId, chatId);
        }
      }
      // The person's own streams that are still listed as active belong to chats that do not exist any more. `userStreams` may also
      // list streams in rooms of other people. `manager.remove` does not remove those streams.
      await removeStreams(userId, await store.userStreams(userId));
    },

    async latestStream(userId, chatId) {
      const { head, active } = await current(userId, chatId);
      if (active) return { streamId: head.stream!, status: 'active' };
      const { last } = head;
      if (!last || Date.now() - Date.parse(last.endedAt) > LATEST_MS) return null;
      return (await store.meta(last.streamId)) ? { streamId: last.streamId, status: last.status } : null;
    },
  };
}

function startOf({ leaf, at, before }: Partial<ChatQuery>, active: StreamMeta | null): BranchStart {
  if (before !== undefined) return { before };
  if (at !== undefined) return { at };
  if (leaf !== undefined) return { through: leaf };
  return active === null ? { through: null } : { at: active.parentId };
}

/** The room, as its owner sees it; `null` if the chat has none. */
function toRoom(userId: string, { roomId, ownerName, people, viewersFork, v }: ChatHead): Chat['room'] {
  if (roomId === null) return null;
  return { roomId, role: 'owner', name: ownerName ?? '', userId, people, viewersMayBranch: viewersFork, v };
}

function toPage({
  head,
  messages,
  hasMore,
  children,
}: Branch): Omit<Chat, 'stream' | 'queue' | 'said' | 'from' | 'forks' | 'room'> {
  const { chatId, title, createdAt, updatedAt, instructions, count, pinnedAt, archivedAt, temporary } = head;
  return {
    chatId,
    title,
    createdAt,
    updatedAt,
    instructions,
    messages: messages.map(({ message, versions }) => (versions.length > 1 ? { ...message, versions } : message)),
    before: hasMore ? (messages[0]?.message.id ?? null) : null,
    answers: children.filter(({ role }) => role === 'assistant').map(({ id }) => id),
    messageCount: count,
    pinned: pinnedAt !== null,
    archived: archivedAt !== null,
    temporary,
  };
}
