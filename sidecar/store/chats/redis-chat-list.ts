import { archivedChatsKey, chatKey, pinnedChatsKey, temporaryChatsKey, userChatsKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { HEAD_FIELDS, headFieldsIn, toChatHead } from './chat-fields.ts';
import {
  containsText,
  isInList,
  listOf,
  TEMPORARY_MS,
  type ChatHead,
  type ChatStore,
  type ListName,
  type ListPlace,
} from './chat-store.ts';

/** How many titles a search reads at once. */
const SEARCH_BATCH = 200;
/**
 * A read begins at the millisecond at which the last chat of the previous page changed, so it can return chats of the previous page
 * again. Such chats are dropped. Each read asks for this many extra entries to make up for them.
 */
const TIES = 8;

const KEY_OF: Record<ListName, (userId: string) => string> = {
  recent: userChatsKey,
  archived: archivedChatsKey,
  pinned: pinnedChatsKey,
  temporary: temporaryChatsKey,
};

/**
 * The lists of a person's chats, as sorted sets. The score of a chat is the time of its last change. In the list of pinned chats,
 * the score is the time at which the chat was pinned. A list and a chat are not changed in one step, because they may be in
 * different slots of a Cluster. A list may therefore name chats that have expired or belong in another list. Such entries are
 * corrected when a page with them is read.
 */
export function createRedisChatList({ redis, ttlMs }: { redis: RedisConnection; ttlMs: number }) {
  const { commands, bulkText, call, callBulk } = redis;

  async function placesAfter(
    userId: string,
    { list, before, limit }: { list: ListName; before: ListPlace | null; limit: number },
  ): Promise<ListPlace[]> {
    const found: ListPlace[] = [];
    for (let offset = 0; ;) {
      const some = await callBulk(
        bulkText.zRangeWithScores(KEY_OF[list](userId), before?.changedMs ?? '+inf', '-inf', {
          BY: 'SCORE',
          REV: true,
          LIMIT: { offset, count: limit + TIES },
        }),
      );
      found.push(
        ...some
          .map(({ value, score }) => ({ chatId: value, changedMs: score }))
          .filter(({ chatId, changedMs }) => !before || changedMs < before.changedMs || chatId < before.chatId),
      );
      if (found.length >= limit || some.length < limit + TIES) return found.slice(0, limit);
      offset += some.length;
    }
  }

  async function fieldsOf(userId: string, places: readonly ListPlace[], fields: readonly string[]) {
    return callBulk(Promise.all(places.map(({ chatId }) => bulkText.hmGet(chatKey(userId, chatId), [...fields]))));
  }

  /** The chats at these places of a list. Chats that do not belong in the list any more are left out, and the lists are corrected. */
  async function headsOf(userId: string, places: readonly ListPlace[], list: ListName): Promise<ChatHead[]> {
    const values = await fieldsOf(userId, places, HEAD_FIELDS);
    const heads = places.map(({ chatId }, i) => toChatHead(chatId, headFieldsIn(values[i]!)));
    const wrong = places.filter((_place, i) => !heads[i] || !isInList(heads[i], list));
    if (wrong.length > 0) {
      // A chat is added to the list where it belongs before it is removed from this list, because this process may die in between.
      for (const head of heads)
        if (head !== null && list !== 'pinned' && !isInList(head, list))
          await call(add(userId, head.chatId, { changedMs: Date.parse(head.updatedAt), list: listOf(head) }));
      await call(
        commands.zRem(
          KEY_OF[list](userId),
          wrong.map(({ chatId }) => chatId),
        ),
      );
    }
    return heads.filter((head) => head !== null).filter((head) => isInList(head, list));
  }

  /**
   * Puts a chat into a list. If the list already has the chat, `changedMs` becomes its score, unless the present score is higher.
   * `pointsAt`: nothing is done unless the chat points at this stream. In a Cluster, callers must leave `pointsAt` out, because the
   * chat may be in another slot than the list.
   */
  function add(
    userId: string,
    chatId: string,
    { changedMs, list, pointsAt }: { changedMs: number; list: ListName; pointsAt?: string },
  ) {
    const key = KEY_OF[list](userId);
    const listed =
      pointsAt === undefined
        ? commands.list([key], [chatId, String(changedMs), String(ttlMs)])
        : commands.list([key, chatKey(userId, chatId)], [chatId, String(changedMs), String(ttlMs), pointsAt]);
    // Reading a page of a list removes expired chats from this list. The list of temporary chats is never shown, so its expired chats
    // are removed here.
    if (list !== 'temporary') return listed;
    return Promise.all([listed, commands.zRemRangeByScore(key, '-inf', Date.now() - TEMPORARY_MS)]);
  }

  const list: ChatStore['list'] = async (userId, { before, limit, list: name = 'recent' }) => {
    const chats: ChatHead[] = [];
    let last = before;
    for (;;) {
      const wanted = limit - chats.length;
      const places = await placesAfter(userId, { list: name, before: last, limit: wanted + 1 });
      const page = places.slice(0, wanted);
      chats.push(...(await headsOf(userId, page, name)));
      last = page.at(-1) ?? last;
      if (places.length <= wanted) return { chats, next: null };
      if (chats.length >= limit) return { chats, next: last };
    }
  };

  const search: ChatStore['search'] = async (userId, text, { before, limit, list: name = 'recent' }) => {
    const found: ListPlace[] = [];
    let last = before;
    for (;;) {
      const places = await placesAfter(userId, { list: name, before: last, limit: SEARCH_BATCH });
      const titles = await fieldsOf(userId, places, ['title']);
      found.push(...places.filter((_place, i) => titles[i]![0] != null && containsText(titles[i]![0], text)));
      last = places.at(-1) ?? last;
      const isAtEnd = places.length < SEARCH_BATCH;
      if (!isAtEnd && found.length <= limit) continue;
      const page = found.slice(0, limit);
      return { chats: await headsOf(userId, page, name), next: found.length > limit ? page.at(-1)! : null };
    }
  };

  return {
    list,
    search,
    placesAfter,
    headsOf,
    add,
    /** Takes a chat out of all lists. */
    remove: (userId: string, chatId: string) =>
      Promise.all(Object.values(KEY_OF).map((keyOf) => commands.zRem(keyOf(userId), chatId))),
    /**
     * Moves a chat from one list to another. The caller must change the fields of the chat first. Otherwise a reader of the lists would
     * move the chat back.
     */
    async move(
      userId: string,
      chatId: string,
      { from, to, changedMs }: { from: ListName; to: ListName; changedMs: number },
    ) {
      await call(add(userId, chatId, { changedMs, list: to }));
      await call(commands.zRem(KEY_OF[from](userId), chatId));
    },
    async pin(userId: string, chatId: string, pinnedAt: string | null) {
      if (pinnedAt === null) await call(commands.zRem(pinnedChatsKey(userId), chatId));
      else await call(add(userId, chatId, { changedMs: Date.parse(pinnedAt), list: 'pinned' }));
    },
  };
}

export type RedisChatList = ReturnType<typeof createRedisChatList>;
