import { messageText } from '../../../../shared/chat/messages.ts';
import { chatKey } from '../../redis/keys.ts';
import type { RedisConnection } from '../../redis/redis-connection.ts';
import { forksField, messageField, placeField, toPlace, wordsField } from '../chat-fields.ts';
import { TEMPORARY_MS } from '../chat-store.ts';
import { packMessage, unpackMessage, type PackedMessage } from '../message-codec.ts';
import type { RedisChatList } from '../redis-chat-list.ts';
import { wordsIn } from '../words.ts';
import { COPY_MS, MAX_FORKS_OF_MESSAGE, type Copied, type ForkStore, type KeptOrigin } from './fork-store.ts';

/** Messages are read with one command and written with another, because a chat and its fork may be in different slots of a Cluster. */
export function createRedisForkStore({
  redis,
  ttlMs,
  chatList,
  messageArgs,
}: {
  redis: RedisConnection;
  ttlMs: number;
  chatList: RedisChatList;
  messageArgs(message: PackedMessage): (string | Buffer)[];
}): ForkStore {
  const { commands, bulk, call, callBulk } = redis;

  /** Reads messages without unpacking them. `null` if one of the messages is missing. */
  async function packedIn(key: string, ids: readonly string[]): Promise<PackedMessage[] | null> {
    if (ids.length === 0) return [];
    const fields = ids.flatMap((id) => [messageField(id), placeField(id), wordsField(id)]);
    const values = (await callBulk(bulk.hmGet(key, fields))) as unknown as (Buffer | null)[];
    const found = await Promise.all(
      ids.map(async (id, i): Promise<PackedMessage | null> => {
        const [packed, place, words] = values.slice(3 * i, 3 * i + 3);
        if (!packed || !place) return null;
        const { role, parentId, chars, bytes } = toPlace(place.toString());
        // An older release stored no words with its messages.
        const found = words?.toString() ?? wordsIn(messageText(await unpackMessage(packed, parentId)));
        return { id, role, parentId: parentId ?? '', chars, bytes, packed, words: found };
      }),
    );
    return found.some((one) => one === null) ? null : (found as PackedMessage[]);
  }

  return {
    async copy({ userId, forkId, source, origin }, { after = 0, ids = [], messages = [] }) {
      const stored = source === null ? [] : await packedIn(chatKey(source.ownerId, source.chatId), ids);
      if (stored === null) return { what: 'gone' };
      const packed = [...stored, ...(await Promise.all(messages.map(packMessage)))];
      const [what, kept, count] = (await callBulk(
        bulk.copy(
          [chatKey(userId, forkId)],
          [encode(origin), String(COPY_MS), String(after), ...packed.flatMap(messageArgs)],
        ),
      )) as [number, Buffer, number];
      const name = WHAT[what];
      return name === undefined ? { what: 'taken' } : { what: name, origin: decode(kept.toString()), count };
    },

    async finishCopy({ userId, forkId, origin, count, title, instructions, address, temporary }) {
      const now = new Date();
      const list = () =>
        chatList.add(userId, forkId, { changedMs: now.getTime(), list: temporary ? 'temporary' : 'recent' });
      // The fork is listed before it is finished, because this process may die right after finishing it. The fork is listed again
      // afterwards, because a reader of the list may have removed the entry of the unfinished fork.
      await call(Promise.all([list()]));
      const [what, bytes] = (await call(
        commands.finishFork(
          [chatKey(userId, forkId)],
          [
            encode(origin),
            String(count),
            now.toISOString(),
            String(temporary ? Math.min(TEMPORARY_MS, ttlMs) : ttlMs),
            title,
            wordsIn(title),
            instructions,
            address ?? '',
            temporary ? '1' : '',
          ],
        ),
      )) as [number, number];
      if (what !== 0) await call(Promise.all([list()]));
      return { what: what === 1 ? 'made' : what === 2 ? 'again' : 'lost', bytes };
    },

    async dropCopy({ userId, forkId, origin }) {
      await call(commands.dropFork([chatKey(userId, forkId)], [encode(origin)]));
    },

    async noteFork(userId, { chatId, messageId, forkId }) {
      const most = String(MAX_FORKS_OF_MESSAGE);
      return (await call(commands.noteFork([chatKey(userId, chatId)], [messageId, forkId, most]))) === 1;
    },

    async forksOf(userId, chatId, messageIds) {
      if (messageIds.length === 0) return [];
      const values = await call(commands.hmGet(chatKey(userId, chatId), messageIds.map(forksField)));
      return messageIds.flatMap((messageId, i) =>
        (values[i]?.split(' ') ?? []).map((forkId) => ({ messageId, chatId: forkId })),
      );
    },
  };
}

const WHAT: Record<number, Exclude<Copied['what'], 'taken' | 'gone'>> = { 1: 'copying', 2: 'elsewhere', 3: 'made' };

/** The properties are always in the same order, because the scripts compare two origins as text. */
const encode = ({ chatId, messageId, at, isNow, title }: KeptOrigin): string =>
  JSON.stringify({ chatId, messageId, at, isNow, title });
const decode = (text: string): KeptOrigin => JSON.parse(text) as KeptOrigin;
