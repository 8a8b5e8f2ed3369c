import { messageText, type StoredMessage } from '../../../shared/chat/messages.ts';
import type { RoomChange } from '../../../shared/chat/rooms.ts';
import {
  containsText,
  isInList,
  TEMPORARY_MS,
  type ChatHead,
  type ChatStore,
  type FoundChat,
  type ListPage,
  type ListPlace,
  type MessagePlace,
} from './chat-store.ts';
import type { After, NewTurn } from './chat-queue.ts';
import { versionsAmong } from './chat-fields.ts';
import { changeQueue, choose, emptyQueue, enqueue, readQueue, type KeptQueue } from './memory-chat-queue.ts';
import type { MemoryBell } from '../feed/memory-bell.ts';
import { say } from './said/memory-said-store.ts';
import type { SaidMessage } from './said/said-store.ts';
import { createMemoryRoomStore, emptyRoom, type MemoryRoom } from '../rooms/memory-room-store.ts';
import { refusalOf, roleRefusal } from '../rooms/role-refusal.ts';
import { keyOfChat } from '../rooms/room-store.ts';
import { chatIsCopied } from './forks/fork-store.ts';
import { createMemoryForkStore } from './forks/memory-fork-store.ts';
import type { SharedChat } from '../shares/memory-share-store.ts';
import { staleParent } from './stale-parent.ts';
import { hasWords, wordsIn } from './words.ts';

interface KeptMessage extends MessagePlace {
  message: StoredMessage;
  bytes: number;
  /** The words of the message's text, for searches. */
  words: string;
}

interface Kept {
  userId: string;
  head: ChatHead;
  /** In the order in which they were added. */
  messages: Map<string, KeptMessage>;
  /** The children of each message, by the id of the parent. The messages that begin the chat have the key `''`. */
  children: Map<string, { id: string; role: StoredMessage['role'] }[]>;
  queue: KeptQueue;
  /** Approximate size in memory. */
  bytes: number;
  touchedAt: number;
  /** The ids of forks, by the message at which they were made. */
  forks: Map<string, string[]>;
  /** Said messages (`said-store.ts`) that wait for the end of the answer that is being written. They will follow this answer. */
  said: SaidMessage[];
  /** The states of the chat's public pages (`StoredShare.state`), by the ids of the pages. */
  shares: Map<string, string>;
  room: MemoryRoom;
}

export interface MemoryChatStore extends ChatStore {
  sharedChat(userId: string, chatId: string): SharedChat | null;
}

/**
 * Keeps conversations in the memory of one process. Above `maxBytes` in total, the least recently changed ones are deleted.
 *
 * This file is long because it has every method of `ChatStore`. What these methods do with queues, forks, rooms and said
 * messages is in files of their own.
 */
export function createMemoryChatStore({
  ttlMs,
  maxBytes,
  bell,
}: {
  ttlMs: number;
  maxBytes: number;
  /** Left out if nobody listens. */
  bell?: Pick<MemoryBell, 'ring'>;
}): MemoryChatStore {
  /** In the order of their last change. */
  const chats = new Map<string, Kept>();
  let bytesKept = 0;

  const keyOf = (ownerId: string, chatId: string) => keyOfChat({ ownerId, chatId });

  function find(userId: string, chatId: string): Kept | undefined {
    const key = keyOf(userId, chatId);
    const kept = chats.get(key);
    if (kept && Math.min(kept.touchedAt + ttlMs, endOf(kept.head)) < Date.now()) remove(key);
    return chats.get(key);
  }

  function remove(key: string): boolean {
    bytesKept -= chats.get(key)?.bytes ?? 0;
    return chats.delete(key);
  }

  /**
   * Moves the chat to the end of `chats`. If all chats together exceed `maxBytes`, deletes the least recently changed ones, but
   * neither this chat nor a chat in which an answer is being written or a turn waits.
   */
  function touch(kept: Kept): void {
    const key = keyOf(kept.userId, kept.head.chatId);
    remove(key);
    kept.bytes = 2 * (kept.head.bytes + kept.head.title.length + kept.head.instructions.length);
    kept.touchedAt = Date.now();
    bytesKept += kept.bytes;
    chats.set(key, kept);
    for (const [oldest, other] of chats) {
      if (bytesKept <= maxBytes) return;
      if (other.head.stream === null && other.queue.turns.length === 0 && oldest !== key) remove(oldest);
    }
  }

  function add(kept: Kept, message: StoredMessage): void {
    if (kept.messages.has(message.id)) return;
    const { id, role, parentId } = message;
    const bytes = Buffer.byteLength(JSON.stringify(message));
    const words = wordsIn(messageText(message));
    const depth = (kept.messages.get(parentId ?? '')?.depth ?? 0) + 1;
    const chars = JSON.stringify(message.parts).length;
    kept.messages.set(id, { message, role, parentId, depth, chars, bytes, words });
    const siblings = kept.children.get(parentId ?? '') ?? [];
    kept.children.set(parentId ?? '', [...siblings, { id, role }]);
    kept.head.newest = id;
    kept.head.count += 1;
    kept.head.bytes += bytes + Buffer.byteLength(words);
  }

  const begun = (userId: string, chatId: string, title: string, now: string): Kept => ({
    userId,
    head: {
      chatId,
      title,
      createdAt: now,
      updatedAt: now,
      instructions: '',
      stream: null,
      streamAt: null,
      last: null,
      readAt: null,
      newest: null,
      count: 0,
      bytes: 0,
      address: null,
      pinnedAt: null,
      archivedAt: null,
      temporary: false,
      fork: null,
      roomId: null,
      v: 0,
      people: 1,
      ownerName: null,
      viewersFork: false,
    },
    messages: new Map(),
    children: new Map(),
    queue: emptyQueue(),
    forks: new Map(),
    said: [],
    shares: new Map(),
    room: emptyRoom(),
    bytes: 0,
    touchedAt: Date.now(),
  });

  /** The same as `ring.lua`. */
  function ring({ userId, head }: Kept, what: RoomChange['what'], by: string | null): void {
    head.v += 1;
    if (head.roomId === null) return;
    bell?.ring({ ownerId: userId, chatId: head.chatId }, { kind: 'change', v: head.v, what, by });
  }

  /** The same as `place-said.lua`. */
  function placeSaid(kept: Kept, parentId: string | null): void {
    for (const message of kept.said.splice(0)) {
      add(kept, { ...message, parentId } as StoredMessage);
      parentId = message.id;
    }
  }

  /** The same as `newest_version` in `branch-end.lua`. */
  function newestVersion({ messages }: Kept, branchOf: string, count: number | null): string {
    if (count === null) return branchOf;
    let id = branchOf;
    for (const added of [...messages.values()].slice(count)) {
      const own = messages.get(id);
      if (!own || added === own) continue;
      const question = own.message.role === 'assistant' ? messages.get(own.parentId ?? '') : undefined;
      const isVersionOf = (one: KeptMessage | undefined) =>
        one !== undefined &&
        one !== added &&
        one.message.role === added.message.role &&
        one.parentId === added.parentId;
      if (isVersionOf(own) || isVersionOf(question)) id = added.message.id;
    }
    return id;
  }

  /** The same as `end_of_branch` in `branch-end.lua`. */
  function endOfBranch({ messages, children, head }: Kept, id: string): string | null {
    if (!messages.has(id)) return head.newest;
    let last = id;
    for (let reply = children.get(last)?.at(-1); reply; reply = children.get(last)?.at(-1)) last = reply.id;
    return last;
  }

  function branchOf(kept: Kept, after: After): string | null {
    return typeof after === 'object' && 'branchOf' in after ? newestVersion(kept, after.branchOf, after.count) : null;
  }

  function placeOfQuestion(kept: Kept, after: After): string | null {
    if (after === 'newest') return kept.head.newest;
    return 'branchOf' in after ? endOfBranch(kept, branchOf(kept, after)!) : after.id;
  }

  /** The step "Place" of `settle.lua`. */
  function place(kept: Kept, turn: NewTurn | null): void {
    if (turn === null) return;
    const { question, after, streamId } = turn;
    const now = new Date().toISOString();
    if (question) add(kept, { ...question, parentId: placeOfQuestion(kept, after) } as StoredMessage);
    Object.assign(kept.head, { stream: streamId, streamAt: now, updatedAt: now });
  }

  function* upFrom({ messages }: Kept, id: string | null): Generator<KeptMessage> {
    const seen = new Set<string>();
    for (let at = messages.get(id ?? ''); at && !seen.has(at.message.id); at = messages.get(at.parentId ?? '')) {
      seen.add(at.message.id);
      yield at;
    }
  }

  function newestAfter(kept: Kept, id: string): string {
    const ids = [...kept.messages.keys()].reverse();
    return ids.find((candidate) => [...upFrom(kept, candidate)].some(({ message }) => message.id === id)) ?? id;
  }

  function listOf(userId: string, { before, limit, list = 'recent' }: ListPage, isWanted: (head: ChatHead) => boolean) {
    const placeIn = ({ updatedAt, pinnedAt }: ChatHead) => Date.parse((list === 'pinned' && pinnedAt) || updatedAt);
    const found = [...chats.values()]
      .filter((kept) => kept.userId === userId && find(userId, kept.head.chatId) && isWanted(kept.head))
      .map(({ head }) => head)
      .filter((head) => isInList(head, list))
      .sort((a, b) => placeIn(b) - placeIn(a) || (a.chatId < b.chatId ? 1 : -1))
      .filter((head) => before === null || isAfter({ changedMs: placeIn(head), chatId: head.chatId }, before));
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      chats: page.map((head) => ({ ...head })),
      next: last && found.length > limit ? { changedMs: placeIn(last), chatId: last.chatId } : null,
    };
  }

  const { isCopying, ...forks } = createMemoryForkStore({
    find,
    originOf: (userId, chatId) => find(userId, chatId)?.head.fork ?? null,
    create({ userId, forkId, origin, title, instructions, address, temporary }, messages) {
      const kept = begun(userId, forkId, title, new Date().toISOString());
      Object.assign(kept.head, { fork: origin, instructions, address, temporary });
      for (const message of messages) add(kept, message);
      touch(kept);
      return kept.head.bytes;
    },
  });

  /** The same as `role.lua`. */
  function assertRole(kept: Kept | undefined, member: string | null | undefined): void {
    if (member == null) return;
    const refusal = refusalOf(kept?.room.members.get(member)?.role, 'editor');
    if (refusal !== null) throw roleRefusal(refusal);
  }

  const queueOf = ({ queue, head, room }: Kept) => ({
    queue,
    head,
    mayAsk: (member: string) => refusalOf(room.members.get(member)?.role, 'editor') === null,
  });

  const point: ChatStore['point'] = async (pointing) => {
    const { userId, chatId, seen, streamId, title, instructions, messages, address, temporary, atEnd } = pointing;
    const { maxMessages = 0 } = pointing;
    const now = new Date().toISOString();
    const known = find(userId, chatId);
    assertRole(known, pointing.member);
    if (!known && isCopying(userId, chatId)) throw chatIsCopied();
    const kept = known ?? begun(userId, chatId, title, now);
    const { head } = kept;
    if (!known) head.temporary = temporary ?? false;
    const at = head.stream;
    if (at !== seen && at !== streamId) return { at: at ?? '', isFull: false, bytes: head.bytes };
    if (at !== streamId) {
      if (maxMessages > 0 && head.count + messages.length + 1 > maxMessages)
        return { at: at ?? '', isFull: true, bytes: head.bytes };
      const first = messages[0];
      const isFollowed = (parentId: string | null) =>
        kept.children.get(parentId ?? '')?.some(({ id, role }) => role === 'user' && id !== first?.id);
      if (atEnd && first && isFollowed(first.parentId)) throw await staleParent(store, pointing);
      Object.assign(head, { stream: streamId, streamAt: now, updatedAt: now, archivedAt: null });
      head.address ??= address ?? null;
      if (instructions !== undefined) head.instructions = instructions;
      for (const message of messages) add(kept, message);
      ring(kept, 'turn', pointing.member ?? userId);
    }
    touch(kept);
    return { at: streamId, isFull: false, bytes: head.bytes };
  };

  const store: MemoryChatStore = {
    rooms: createMemoryRoomStore({ find, ring }),
    ...forks,
    async noteFork(userId, fork) {
      const known = await forks.forksOf(userId, fork.chatId, [fork.messageId]);
      const isNoted = await forks.noteFork(userId, fork);
      const kept = find(userId, fork.chatId);
      const isNew = !known.some(({ chatId }) => chatId === fork.forkId);
      if (isNoted && isNew && kept) ring(kept, 'branches', userId);
      return isNoted;
    },
    sharedChat(userId, chatId) {
      const kept = find(userId, chatId);
      return kept ? { ...kept.head, shares: kept.shares, touch: () => touch(kept) } : null;
    },
    point,
    preparePoint: async (pointing) => () => point(pointing),

    async settle(userId, chatId, streamId, answer, onlyIfAsked = false) {
      const kept = find(userId, chatId);
      if (!kept) return null;
      const now = new Date().toISOString();
      if (!onlyIfAsked || kept.head.stream === streamId) add(kept, structuredClone(answer));
      const hasEnded = kept.head.stream === streamId;
      if (hasEnded) {
        Object.assign(kept.head, {
          stream: null,
          streamAt: null,
          updatedAt: now,
          last: { streamId, messageId: answer.id, status: answer.status, endedAt: now },
        });
        placeSaid(kept, answer.id);
        ring(kept, 'turn', null);
      }
      place(kept, choose(queueOf(kept), hasEnded ? { ended: streamId, status: answer.status } : null));
      touch(kept);
      const { bytes, address, temporary, stream } = kept.head;
      return { bytes, address, temporary, next: stream === streamId ? null : stream };
    },

    async enqueue(turn) {
      const kept = find(turn.userId, turn.chatId);
      assertRole(kept, turn.member);
      if (!kept) return { what: 'gone' };
      const before = kept.queue.turns.length;
      const enqueued = enqueue(kept, structuredClone(turn));
      if (kept.queue.turns.length > before) ring(kept, 'queue', turn.member ?? turn.userId);
      touch(kept);
      return enqueued;
    },

    async queue(userId, chatId, withQuestions = false) {
      const kept = find(userId, chatId);
      return kept ? readQueue(kept, withQuestions, (turn) => branchOf(kept, turn.after)) : null;
    },

    async changeQueue(userId, chatId, change, member = null) {
      const kept = find(userId, chatId);
      assertRole(kept, member);
      if (!kept) return null;
      const changed = changeQueue(kept.queue, kept.head, { change, member });
      if (changed.isDone) ring(kept, 'queue', member ?? userId);
      return changed;
    },

    async goOn(userId, chatId, how) {
      const kept = find(userId, chatId);
      if (!kept) return null;
      place(kept, choose(queueOf(kept), how));
      ring(kept, 'queue', null);
      return kept.head.stream;
    },

    async unpoint(userId, chatId, streamId) {
      const kept = find(userId, chatId);
      if (kept?.head.stream !== streamId) return;
      Object.assign(kept.head, { stream: null, streamAt: null });
      Object.assign(kept.queue, { interrupted: null, isPaused: kept.queue.turns.length > 0 });
      placeSaid(kept, kept.head.newest);
      ring(kept, 'turn', null);
    },

    async say(saying) {
      const { userId, chatId, member } = saying;
      const kept = find(userId, chatId);
      assertRole(kept, member);
      if (!kept) return { what: 'gone' };
      const said = say(kept, saying, (message) => add(kept, message));
      if (said.what === 'said' || said.what === 'waits') {
        ring(kept, 'turn', member ?? userId);
        touch(kept);
      }
      return said;
    },

    pointer: async (userId, chatId) => find(userId, chatId)?.head.stream ?? null,

    async head(userId, chatId) {
      const kept = find(userId, chatId);
      return kept ? { ...kept.head } : null;
    },

    async outline(userId, chatId, messageIds) {
      const kept = find(userId, chatId);
      if (!kept) return null;
      const places = messageIds.flatMap((id) => {
        const place = kept.messages.get(id);
        return place ? [[id, place] as const] : [];
      });
      return { head: { ...kept.head }, places: new Map(places) };
    },

    async branch(userId, chatId, from, { limit, maxBytes: pageBytes }) {
      const kept = find(userId, chatId);
      if (!kept) return null;
      const { messages, children, head } = kept;
      const known = (id: string | null) => (id !== null && messages.has(id) ? id : null);
      const start =
        'before' in from
          ? (messages.get(from.before)?.parentId ?? null)
          : 'at' in from
            ? (known(from.at) ?? head.newest)
            : known(from.through) === null
              ? head.newest
              : newestAfter(kept, from.through!);
      const page: KeptMessage[] = [];
      let bytes = 0;
      let hasMore = false;
      for (const place of upFrom(kept, start)) {
        hasMore = page.length >= limit || (page.length > 0 && bytes + place.bytes > pageBytes);
        if (hasMore) break;
        bytes += place.bytes;
        page.push(place);
      }
      return {
        head: { ...head },
        messages: page.reverse().map(({ message, role, parentId }) => ({
          message: structuredClone(message),
          versions: versionsAmong(children.get(parentId ?? '') ?? [], role),
        })),
        hasMore,
        children: start === null ? [] : (children.get(start) ?? []),
      };
    },

    async path(userId, chatId, messageId, maxChars) {
      const kept = find(userId, chatId);
      const path = [];
      let left = maxChars;
      for (const { message, role, chars, depth, bytes } of kept ? upFrom(kept, messageId) : []) {
        if (left < 0) break;
        left -= chars;
        path.push({ id: message.id, role, chars, depth, bytes });
      }
      return path;
    },

    async messages(userId, chatId, after, { limit, maxBytes: pageBytes }) {
      const all = [...(find(userId, chatId)?.messages.values() ?? [])];
      const page: StoredMessage[] = [];
      let bytes = 0;
      for (const { message, bytes: size } of all.slice(after, after + limit)) {
        if (page.length > 0 && bytes + size > pageBytes) break;
        bytes += size;
        page.push(structuredClone(message));
      }
      const next = after + page.length;
      return { messages: page, next: next < all.length ? next : null };
    },

    list: async (userId, page) => listOf(userId, page, () => true),
    search: async (userId, text, page) => listOf(userId, page, ({ title }) => containsText(title, text)),

    async find(userId, words, { before, limit, turn }) {
      return turn(async () => {
        const found: FoundChat[] = [];
        const places = [...chats.values()]
          .filter((kept) => kept.userId === userId && find(userId, kept.head.chatId) && !kept.head.temporary)
          .filter(({ head }) => before === null || isAfter(placeOf(head), before))
          .sort((a, b) => (isAfter(placeOf(a.head), placeOf(b.head)) ? 1 : -1));
        for (const { head, messages } of places) {
          if (found.length > limit) break;
          const inTitle = hasWords(wordsIn(head.title), words);
          const newest = [...messages.values()].reverse().find((message) => hasWords(message.words, words));
          if (inTitle || newest) found.push({ head: { ...head }, inTitle, messageId: newest?.message.id ?? null });
        }
        const page = found.slice(0, limit);
        return { found: page, next: found.length > limit ? placeOf(page.at(-1)!.head) : null };
      });
    },

    async patch(userId, chatId, changes) {
      const kept = find(userId, chatId);
      if (!kept) return false;
      const { head } = kept;
      const { title, instructions, readAt, pinnedAt, archivedAt, ownerName, viewersFork } = changes;
      Object.assign(head, {
        ...(title === undefined ? {} : { title }),
        ...(instructions === undefined ? {} : { instructions }),
        ...(readAt === undefined ? {} : { readAt }),
        ...(ownerName === undefined ? {} : { ownerName }),
        ...(viewersFork === undefined ? {} : { viewersFork: viewersFork !== null }),
        ...(pinnedAt === undefined ? {} : { pinnedAt, ...(pinnedAt === null ? {} : { archivedAt: null }) }),
        ...(archivedAt === undefined ? {} : { archivedAt, ...(archivedAt === null ? {} : { pinnedAt: null }) }),
      });
      // Members see neither pins, nor the archive, nor what the owner has read.
      const seen = title !== undefined || instructions !== undefined;
      if (seen) ring(kept, 'title', userId);
      else if (ownerName !== undefined || viewersFork !== undefined) ring(kept, 'members', userId);
      return true;
    },

    async delete(userId, chatId) {
      const kept = find(userId, chatId);
      if (!kept) return null;
      ring(kept, 'all', userId);
      remove(keyOf(userId, chatId));
      const answers = [...kept.messages.values()].filter(({ role }) => role === 'assistant');
      return {
        stream: kept.head.stream,
        address: kept.head.address,
        roomId: kept.head.roomId,
        answers: [...kept.queue.turns.map(({ messageId }) => messageId), ...answers.map(({ message }) => message.id)],
      };
    },
  };
  return store;
}

/** When the chat is deleted for being temporary, in ms since 1970. Infinity if the chat is not temporary. */
const endOf = ({ temporary, createdAt }: ChatHead): number =>
  temporary ? Date.parse(createdAt) + TEMPORARY_MS : Number.POSITIVE_INFINITY;

const placeOf = ({ updatedAt, chatId }: ChatHead): ListPlace => ({ changedMs: Date.parse(updatedAt), chatId });

const isAfter = (place: ListPlace, before: ListPlace): boolean =>
  place.changedMs < before.changedMs || (place.changedMs === before.changedMs && place.chatId < before.chatId);
