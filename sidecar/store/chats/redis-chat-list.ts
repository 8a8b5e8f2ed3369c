import { chatKey, userChatsKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { HEAD_FIELDS, headFieldsIn, toChatHead } from './chat-fields.ts';
import { containsText, type ChatHead, type ChatStore, type ListPlace } from './chat-store.ts';

/** How many titles a search reads at once. */
const SEARCH_BATCH = 200;
/** Several chats may have changed in the same millisecond, so a few more than requested are read. */
const TIES = 8;

/**
 * A person's chats as a sorted set, scored with the time of their last change. It is in another slot than the chats, so
 * it may name chats that have expired: those are taken out when they are met.
 */
export function createRedisChatList({ redis, ttlMs }: { redis: RedisConnection; ttlMs: number }) {
  const { commands, bulkText, call, callBulk } = redis;

  async function placesAfter(userId: string, before: ListPlace | null, limit: number): Promise<ListPlace[]> {
    const found: ListPlace[] = [];
    for (let offset = 0; ;) {
      const some = await callBulk(
        bulkText.zRangeWithScores(userChatsKey(userId), before?.changedMs ?? '+inf', '-inf', {
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

  async function headsOf(userId: string, places: readonly ListPlace[]): Promise<ChatHead[]> {
    const values = await fieldsOf(userId, places, HEAD_FIELDS);
    const heads = places.map(({ chatId }, i) => toChatHead(chatId, headFieldsIn(values[i]!)));
    const expired = places.filter((_place, i) => heads[i] === null).map(({ chatId }) => chatId);
    if (expired.length > 0) await call(remove(userId, expired));
    return heads.filter((head) => head !== null);
  }

  const remove = (userId: string, chatIds: string[]) => commands.zRem(userChatsKey(userId), chatIds);

  const list: ChatStore['list'] = async (userId, { before, limit }) => {
    const chats: ChatHead[] = [];
    let last = before;
    for (;;) {
      const wanted = limit - chats.length;
      const places = await placesAfter(userId, last, wanted + 1);
      const page = places.slice(0, wanted);
      chats.push(...(await headsOf(userId, page)));
      last = page.at(-1) ?? last;
      if (places.length <= wanted) return { chats, next: null };
      if (chats.length >= limit) return { chats, next: last };
    }
  };

  const search: ChatStore['search'] = async (userId, text, { before, limit }) => {
    const found: ListPlace[] = [];
    let last = before;
    for (;;) {
      const places = await placesAfter(userId, last, SEARCH_BATCH);
      const titles = await fieldsOf(userId, places, ['title']);
      found.push(...places.filter((_place, i) => titles[i]![0] != null && containsText(titles[i]![0], text)));
      last = places.at(-1) ?? last;
      const isAtEnd = places.length < SEARCH_BATCH;
      if (!isAtEnd && found.length <= limit) continue;
      const page = found.slice(0, limit);
      return { chats: await headsOf(userId, page), next: found.length > limit ? page.at(-1)! : null };
    }
  };

  return {
    list,
    search,
    /** Puts a chat into the list, or to the place of its latest change. */
    add: (userId: string, chatId: string, changedMs: number) =>
      commands.listChat([userChatsKey(userId)], [chatId, String(changedMs), String(ttlMs)]),
    remove,
  };
}
