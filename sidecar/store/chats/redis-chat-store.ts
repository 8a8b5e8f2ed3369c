import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import { chatKey, metaKey, queueKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import {
  FORMAT,
  TITLE_WORDS_FIELD,
  HEAD_FIELDS,
  headFieldsIn,
  letterOf,
  placeField,
  roleOf,
  toChatHead,
  toChildren,
  toPlace,
  versionsAmong,
} from './chat-fields.ts';
import { reservationsKey } from '../counts/redis-usage-store.ts';
import { createRedisChatList } from './redis-chat-list.ts';
import { createRedisChatQueue } from './redis-chat-queue.ts';
import { createRedisSaidStore } from './said/redis-said-store.ts';
import { roleRefusal } from '../rooms/role-refusal.ts';
import { createRedisRoomStore } from '../rooms/redis-room-store.ts';
import { chatIsCopied } from './forks/fork-store.ts';
import { createRedisForkStore } from './forks/redis-fork-store.ts';
import { createRedisFind } from './redis-find.ts';
import { staleParent } from './stale-parent.ts';
import { listOf, TEMPORARY_MS, type ChatHead, type ChatStore, type ListName, type Settled } from './chat-store.ts';
import { wordsIn } from './words.ts';
import { packMessage, unpackMessage, type PackedMessage } from './message-codec.ts';
import { upgradeChat } from './upgrade-chat.ts';

/** Chats in Redis: a hash for each, and a list for its queue. PROTOCOL.md 12.3 describes the fields. */
export function createRedisChatStore({ redis, ttlMs }: { redis: RedisConnection; ttlMs: number }): ChatStore {
  const { commands, bulk, call, callBulk } = redis;
  const ttl = String(ttlMs);
  const rooms = createRedisRoomStore({ redis, ttlMs });
  const chatList = createRedisChatList({ redis, ttlMs });
  const keysOf = (userId: string, chatId: string) => [chatKey(userId, chatId), queueKey(userId, chatId)];

  const messageArgs = ({ id, role, parentId, chars, bytes, packed, words }: PackedMessage) => [
    id,
    letterOf(role),
    parentId,
    String(chars),
    String(bytes),
    packed,
    words,
  ];

  /**
   * The head of a chat; `values` are those of {@link HEAD_FIELDS}. If an older release stored the chat, the missing fields are
   * added. The result is then `upgraded`, and the caller must read the chat again.
   */
  async function headIn(
    userId: string,
    chatId: string,
    values: readonly (string | Buffer | null)[],
  ): Promise<ChatHead | 'upgraded' | null> {
    const fields = headFieldsIn(values);
    if (fields.createdAt === undefined || fields.format === FORMAT) return toChatHead(chatId, fields);
    await upgradeChat({ redis, key: chatKey(userId, chatId), messageArgs });
    return 'upgraded';
  }

  const preparePoint: ChatStore['preparePoint'] = async (pointing) => {
    const { userId, chatId, seen, streamId, title, instructions, messages, address, maxMessages } = pointing;
    const { temporary = false, atEnd = false, member, reservedBy = [] } = pointing;
    const packed = await Promise.all(messages.map(packMessage));
    const toResult = async ([what, at, bytes]: [number, string, number]) => {
      if (what === 3) throw chatIsCopied();
      if (what === 4) throw await staleParent(store, pointing);
      if (what === 5 || what === 6) throw roleRefusal(what === 5 ? 'no-role' : 'small-role');
      return { at, isFull: what === 2, bytes };
    };
    return async () => {
      const now = new Date();
      const pointed = commands.point(
        [chatKey(userId, chatId), ...(redis.isCluster ? [] : reservedBy.map(reservationsKey))],
        [
          seen ?? '',
          streamId,
          now.toISOString(),
          ttl,
          title,
          instructions === undefined ? '0' : '1',
          instructions ?? '',
          String(maxMessages ?? 0),
          address ?? '',
          temporary ? String(Math.min(TEMPORARY_MS, ttlMs)) : '',
          wordsIn(title),
          atEnd ? '1' : '',
          member ?? '',
          ...packed.flatMap(messageArgs),
        ],
      ) as Promise<[number, string, number]>;
      const listed = { changedMs: now.getTime(), list: temporary ? 'temporary' : 'recent' } as const;
      // A single server runs the two commands in the order in which they are sent, so the chat changes before the list. In a Cluster
      // the list could change first, and a reader of the list would then remove the entry of a chat that does not exist yet.
      if (!redis.isCluster) {
        const list = chatList.add(userId, chatId, { ...listed, pointsAt: streamId });
        return toResult((await call(Promise.all([pointed, list])))[0]);
      }
      const result = await call(pointed);
      if (result[0] === 1) await call(chatList.add(userId, chatId, listed));
      return toResult(result);
    };
  };

  /** `ended`: the answer of `streamId`; `null` if a person lets the queue go on. */
  async function settle({ userId, chatId, streamId, how, ended }: Settling): Promise<Settled | null> {
    const { id, parentId, chars, bytes, packed, words, onlyIfAsked } = ended ?? NOTHING_ENDED;
    const now = new Date().toISOString();
    const kept = (await call(
      commands.settle(keysOf(userId, chatId), [
        streamId,
        id,
        parentId,
        chars,
        bytes,
        packed,
        how,
        now,
        ttl,
        words,
        onlyIfAsked ? '1' : '0',
      ]),
    )) as [string, number, string, string, string, string, string] | [];
    if (kept.length === 0) return null;
    const [updatedAt, chatBytes, address, temporary, archivedAt, next, roomId] = kept;
    const list = listFor(temporary, archivedAt);
    await Promise.all([
      call(chatList.add(userId, chatId, { changedMs: Date.parse(updatedAt), list })),
      roomId === '' ? null : rooms.keep(roomId, { ownerId: userId, chatId }),
    ]);
    return {
      bytes: chatBytes,
      address: address === '' ? null : address,
      temporary: temporary !== '',
      next: next === '' ? null : next,
    };
  }

  const store: ChatStore = {
    rooms,
    ...createRedisForkStore({ redis, ttlMs, chatList, messageArgs }),
    preparePoint,
    point: async (pointing) => (await preparePoint(pointing))(),

    async settle(userId, chatId, streamId, answer, onlyIfAsked = false) {
      const { id, parentId, chars, bytes, packed, words } = await packMessage(answer);
      const ended = { id, parentId, chars: String(chars), bytes: String(bytes), packed, words, onlyIfAsked };
      return settle({ userId, chatId, streamId, how: answer.status, ended });
    },

    ...createRedisChatQueue({ redis, ttlMs }),
    ...createRedisSaidStore({ redis, ttlMs, chatList, rooms }),

    async goOn(userId, chatId, how) {
      return (await settle({ userId, chatId, streamId: '', how, ended: null }))?.next ?? null;
    },

    async unpoint(userId, chatId, streamId) {
      // The script keeps the pointer if the meta key shows that the stream has been created after all. In a Cluster the script cannot
      // read the meta key, which is in another slot. Instead, a process that has created a stream reads the pointer once more, and
      // removes the stream if the chat does not point at it (claim-chat.ts).
      const meta = redis.isCluster ? [] : [metaKey(streamId)];
      await call(commands.unpoint([...keysOf(userId, chatId), ...meta], [streamId]));
    },

    pointer: (userId, chatId) => call(commands.hGet(chatKey(userId, chatId), 'stream')),

    async head(userId, chatId) {
      return (await this.outline(userId, chatId, []))?.head ?? null;
    },

    async outline(userId, chatId, messageIds) {
      const fields = [...HEAD_FIELDS, ...messageIds.map(placeField)];
      const values = await call(commands.hmGet(chatKey(userId, chatId), fields));
      const head = await headIn(userId, chatId, values);
      if (head === 'upgraded') return this.outline(userId, chatId, messageIds);
      if (head === null) return null;
      const places = values.slice(HEAD_FIELDS.length);
      return {
        head,
        places: new Map(messageIds.flatMap((id, i) => (places[i] == null ? [] : [[id, toPlace(places[i])] as const]))),
      };
    },

    async branch(userId, chatId, from, bounds) {
      const [how, messageId] = Object.entries(from)[0] as [string, string | null];
      const [values, children, hasMore, ...flat] = (await callBulk(
        bulk.branch(
          [chatKey(userId, chatId)],
          [how, messageId ?? '', String(bounds.limit), String(bounds.maxBytes), ...HEAD_FIELDS],
        ),
      )) as [(Buffer | null)[], Buffer?, number?, ...Buffer[]];
      const head = await headIn(userId, chatId, values);
      if (head === 'upgraded') return this.branch(userId, chatId, from, bounds);
      if (head === null) return null;
      const messages = await Promise.all(
        groupsOf(flat, 4).map(async ([, packed, siblings, parent]) => {
          const message = await unpackMessage(packed!, parent!.toString() || null);
          return { message, versions: versionsAmong(toChildren(siblings!.toString()), message.role) };
        }),
      );
      return {
        head,
        messages: messages.reverse(),
        hasMore: hasMore === 1,
        children: toChildren(children?.toString() ?? ''),
      };
    },

    async path(userId, chatId, messageId, maxChars) {
      const flat = (await call(commands.path([chatKey(userId, chatId)], [messageId, String(maxChars)]))) as [];
      const path = [];
      for (let i = 0; i < flat.length; i += 5) {
        const [id, letter, chars, depth, bytes] = flat.slice(i, i + 5) as unknown as PathReply;
        path.push({ id, role: roleOf(letter), chars, depth, bytes });
      }
      return path;
    },

    async messages(userId, chatId, after, { limit, maxBytes }) {
      const [number, count, ...flat] = (await callBulk(
        bulk.messages([chatKey(userId, chatId)], [String(after), String(limit), String(maxBytes)]),
      )) as [number, number, ...Buffer[]];
      const messages: StoredMessage[] = await Promise.all(
        groupsOf(flat, 2).map(([packed, parent]) => unpackMessage(packed!, parent!.toString() || null)),
      );
      return { messages, next: number < count ? number : null };
    },

    list: chatList.list,
    search: chatList.search,
    find: createRedisFind({ redis, chatList }),

    async patch(userId, chatId, changes) {
      const { title, pinnedAt, archivedAt } = changes;
      const fields = Object.entries({
        ...changes,
        ...(title === undefined ? {} : { [TITLE_WORDS_FIELD]: wordsIn(title) }),
        ...(typeof archivedAt === 'string' ? { pinnedAt: null } : {}),
        ...(typeof pinnedAt === 'string' ? { archivedAt: null } : {}),
      }).filter((field): field is [string, string | null] => field[1] !== undefined);
      const set = fields.flatMap(([name, value]) => (value === null ? [] : [name, value]));
      const removed = fields.flatMap(([name, value]) => (value === null ? [name] : []));
      const changed = (await call(
        commands.patchChat([chatKey(userId, chatId)], [String(set.length / 2), ...set, ...removed]),
      )) as [string, string, string] | [];
      if (changed.length === 0) return false;
      if (pinnedAt === undefined && archivedAt === undefined) return true;
      const [updatedAt, temporary, isArchived] = changed;
      const list = listFor(temporary, isArchived);
      if (list === 'temporary') return true;
      const from = list === 'recent' ? 'archived' : 'recent';
      await chatList.move(userId, chatId, { from, to: list, changedMs: Date.parse(updatedAt) });
      if (pinnedAt !== undefined || typeof archivedAt === 'string')
        await chatList.pin(userId, chatId, pinnedAt ?? null);
      return true;
    },

    async delete(userId, chatId) {
      // In a chat stored by an older release, the script finds no answers until `head` has upgraded the chat.
      if ((await this.head(userId, chatId)) === null) return null;
      const [deleted] = await call(
        Promise.all([
          commands.deleteChat(keysOf(userId, chatId), []) as Promise<[string, string, string, ...string[]] | []>,
          chatList.remove(userId, chatId),
        ]),
      );
      if (deleted.length === 0) return null;
      const [stream, address, roomId, ...answers] = deleted;
      // If this fails, the key of the room expires by itself.
      if (roomId) await rooms.drop(roomId).catch(() => undefined);
      return { stream: stream || null, address: address || null, roomId: roomId || null, answers };
    },
  };
  return store;
}

type PathReply = [id: string, letter: string, chars: number, depth: number, bytes: number];

/** The parameters are fields as the scripts return them: empty if the field is not set. */
const listFor = (temporary: string, archivedAt: string): ListName =>
  listOf({ temporary: temporary !== '', archivedAt: archivedAt === '' ? null : archivedAt });

function groupsOf<T>(flat: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let i = 0; i < flat.length; i += size) groups.push(flat.slice(i, i + size));
  return groups;
}

/** An answer that has ended, as `settle.lua` takes it. */
interface Ended {
  id: string;
  parentId: string;
  chars: string;
  bytes: string;
  packed: Buffer | string;
  words: string;
  onlyIfAsked: boolean;
}

interface Settling {
  userId: string;
  chatId: string;
  streamId: string;
  how: StreamOutcome | 'resumed' | 'sent';
  ended: Ended | null;
}

const NOTHING_ENDED: Ended = {
  id: '',
  parentId: '',
  chars: '0',
  bytes: '0',
  packed: '',
  words: '',
  onlyIfAsked: false,
};
