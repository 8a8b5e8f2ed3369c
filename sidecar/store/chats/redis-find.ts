import { messageText } from '../../../shared/chat/messages.ts';
import { chatKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { ChatStore, FindPage, FoundChat, ListPlace } from './chat-store.ts';
import { unpackMessage } from './message-codec.ts';
import type { RedisChatList } from './redis-chat-list.ts';
import { foldText, hasWords, wordsIn } from './words.ts';

/** Number of chats in one step of a search. */
const CHATS_AT_ONCE = 100;
/**
 * Number of chats in one call of `find.lua`. Redis does nothing else during a call, so a call must take no more than a few
 * milliseconds. In a Cluster the chats are in different slots, so each call has only one chat.
 */
const CHATS_A_CALL = 10;
/** Number of messages of each chat in one call of `find.lua`. */
const MESSAGES_A_CALL = 100;

type Turn = FindPage['turn'];

/** What one call of `find.lua` says about a chat. */
interface Look {
  inTitle: boolean;
  messageId: string | null;
  /** The number of the message with which the next call begins. 0: all messages were searched, or a message was found. */
  next: number;
  /** The ids of messages whose words are not stored. They are newer than the found message. */
  unknown: string[];
}

/**
 * Redis compares the words that are stored with each message. The text of a message is read only where an older release stored no
 * words.
 */
export function createRedisFind({
  redis,
  chatList,
}: {
  redis: RedisConnection;
  chatList: RedisChatList;
}): ChatStore['find'] {
  const { bulk, bulkText, commands, call, callBulk } = redis;

  /** The next places of the lists `recent` and `archived`, merged. `before`: the last place that the caller has already. */
  async function nextPlaces(
    userId: string,
    before: ListPlace | null,
  ): Promise<(ListPlace & { isArchived: boolean })[]> {
    const [recent, archived] = await Promise.all(
      (['recent', 'archived'] as const).map((list) =>
        chatList.placesAfter(userId, { list, before, limit: CHATS_AT_ONCE }),
      ),
    );
    return [
      ...recent!.map((place) => ({ ...place, isArchived: false })),
      ...archived!.map((place) => ({ ...place, isArchived: true })),
    ]
      .sort((a, b) => b.changedMs - a.changedMs || (a.chatId < b.chatId ? 1 : -1))
      .slice(0, CHATS_AT_ONCE);
  }

  async function look(keys: string[], from: number, words: readonly string[]): Promise<Look[]> {
    const answers = (await callBulk(bulkText.find(keys, [String(from), String(MESSAGES_A_CALL), ...words]))) as [
      number,
      string,
      string,
      number,
      ...string[],
    ][];
    return answers.map(([titleHas, title, messageId, next, ...unknown]) => ({
      inTitle: titleHas === 1 || (title !== '' && hasWords(foldText(title), words)),
      messageId: messageId === '' ? null : messageId,
      next,
      unknown,
    }));
  }

  async function firstLooks(keys: string[], words: readonly string[]): Promise<Look[]> {
    const size = redis.isCluster ? 1 : CHATS_A_CALL;
    const calls = [];
    for (let i = 0; i < keys.length; i += size) calls.push(look(keys.slice(i, i + size), 0, words));
    return (await Promise.all(calls)).flat();
  }

  /**
   * Completes the search in one chat. Looks further if the first look did not cover all messages. Reads the text of messages whose
   * words are not stored. `null`: neither the title nor a message has all words.
   */
  async function lookOn(
    key: string,
    first: Look,
    { words, turn }: { words: readonly string[]; turn: Turn },
  ): Promise<Omit<FoundChat, 'head'> | null> {
    const { inTitle } = first;
    for (let at = first; ; [at] = (await turn(() => look([key], at.next, words))) as [Look]) {
      const { unknown, next } = at;
      const older = unknown.length === 0 ? null : await turn(() => addWords(key, unknown, words));
      const messageId = older ?? at.messageId;
      if (messageId !== null) return { inTitle, messageId };
      if (next === 0) return inTitle ? { inTitle, messageId } : null;
    }
  }

  /** Stores the words of messages for which none are stored. Returns the id of the first of these messages that has all `words`. */
  async function addWords(key: string, messageIds: string[], words: readonly string[]): Promise<string | null> {
    const packed = (await callBulk(
      bulk.hmGet(
        key,
        messageIds.map((id) => `m:${id}`),
      ),
    )) as unknown as (Buffer | null)[];
    const kept: string[] = [];
    let found: string | null = null;
    for (const [i, bytes] of packed.entries()) {
      if (bytes === null) continue;
      const own = wordsIn(messageText(await unpackMessage(bytes, null)));
      kept.push(messageIds[i]!, own);
      if (found === null && hasWords(own, words)) found = messageIds[i]!;
    }
    if (kept.length > 0) await call(commands.addWords([key], kept));
    return found;
  }

  return async (userId, words, { before, limit, turn }) => {
    const found: (Omit<FoundChat, 'head'> & { place: ListPlace; isArchived: boolean })[] = [];
    let last = before;
    let isAtEnd = words.length === 0;
    while (!isAtEnd && found.length <= limit) {
      const { places, looks } = await turn(async () => {
        const next = await nextPlaces(userId, last);
        const keys = next.map(({ chatId }) => chatKey(userId, chatId));
        return { places: next, looks: await firstLooks(keys, words) };
      });
      for (const [i, place] of places.entries()) {
        const seen = await lookOn(chatKey(userId, place.chatId), looks[i]!, { words, turn });
        if (seen !== null) found.push({ ...seen, place, isArchived: place.isArchived });
      }
      last = places.at(-1) ?? last;
      isAtEnd = places.length < CHATS_AT_ONCE;
    }
    const page = found.slice(0, limit);
    const heads = new Map(
      (
        await Promise.all(
          (['recent', 'archived'] as const).map((list) =>
            chatList.headsOf(
              userId,
              page.filter(({ isArchived }) => isArchived === (list === 'archived')).map(({ place }) => place),
              list,
            ),
          ),
        )
      )
        .flat()
        .map((head) => [head.chatId, head]),
    );
    return {
      found: page.flatMap(({ place, isArchived, inTitle, messageId }) => {
        const head = heads.get(place.chatId);
        // A chat that has just left the archive may still be in both lists.
        return head && (head.archivedAt !== null) === isArchived ? [{ head, inTitle, messageId }] : [];
      }),
      next: found.length > limit ? page.at(-1)!.place : null,
    };
  };
}
