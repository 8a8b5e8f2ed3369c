import { messageField, toChatRecord, type ChatStore } from './chat-store.ts';
import { chatKey, userChatsKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

/** Fields of a chat that are not messages. */
const HEAD = [
  'title',
  'createdAt',
  'updatedAt',
  'instructions',
  'stream',
  'streamAt',
  'lastStream',
  'lastMessage',
  'lastStatus',
  'lastEndedAt',
  'readAt',
];

export function createRedisChatStore({ redis, ttlMs }: { redis: RedisConnection; ttlMs: number }): ChatStore {
  const { commands, call } = redis;
  const ttl = String(ttlMs);

  /** The person's list is in another slot: an entry without a chat is taken out when the list is read. */
  const list = (userId: string, chatId: string) =>
    Promise.all([
      commands.zAdd(userChatsKey(userId), { value: chatId, score: Date.now() }),
      commands.pExpire(userChatsKey(userId), ttlMs),
    ]);

  return {
    async point({ userId, chatId, seen, streamId, title, instructions, messages }) {
      const pointed = commands.point(
        [chatKey(userId, chatId)],
        [
          seen ?? '',
          streamId,
          new Date().toISOString(),
          ttl,
          title,
          instructions === undefined ? '0' : '1',
          instructions ?? '',
          ...messages.flatMap((message) => [messageField(message.id), JSON.stringify(message)]),
        ],
      ) as Promise<[number, string]>;
      // One server executes them in this order. In a Cluster the list's could be first, and a reader of the list take it out.
      if (!redis.isCluster) return (await call(Promise.all([pointed, list(userId, chatId)])))[0][1];
      const [isPointed, at] = await call(pointed);
      if (isPointed === 1) await call(list(userId, chatId));
      return at;
    },

    async settle(userId, chatId, streamId, answer) {
      const kept = await call(
        commands.settle(
          [chatKey(userId, chatId)],
          [
            streamId,
            messageField(answer.id),
            JSON.stringify(answer),
            answer.id,
            answer.status,
            new Date().toISOString(),
            ttl,
          ],
        ),
      );
      if (kept === 1) await call(list(userId, chatId));
      return kept === 1;
    },

    async unpoint(userId, chatId, streamId) {
      await call(commands.unpoint([chatKey(userId, chatId)], [streamId]));
    },

    pointer: (userId, chatId) => call(commands.hGet(chatKey(userId, chatId), 'stream')),

    async get(userId, chatId) {
      return toChatRecord(chatId, await call(commands.hGetAll(chatKey(userId, chatId))));
    },

    async list(userId) {
      const chatIds = await call(commands.zRange(userChatsKey(userId), 0, -1, { REV: true }));
      const heads = await call(Promise.all(chatIds.map((chatId) => commands.hmGet(chatKey(userId, chatId), HEAD))));
      const records = heads.map((values, i) =>
        toChatRecord(
          chatIds[i]!,
          Object.fromEntries(HEAD.flatMap((name, j) => (values[j] == null ? [] : [[name, values[j]]]))),
        ),
      );
      const expired = chatIds.filter((_chatId, i) => records[i] === null);
      if (expired.length > 0) await call(commands.zRem(userChatsKey(userId), expired));
      // The score is when it was last written, be it for the second time.
      return records.filter((record) => record !== null).sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
    },

    async patch(userId, chatId, fields) {
      const set = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
      return (await call(commands.patchChat([chatKey(userId, chatId)], set))) === 1;
    },

    async delete(userId, chatId) {
      const [deleted] = await call(
        Promise.all([commands.del(chatKey(userId, chatId)), commands.zRem(userChatsKey(userId), chatId)]),
      );
      return deleted > 0;
    },
  };
}
