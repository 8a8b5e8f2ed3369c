import { randomUUID } from 'node:crypto';
import { ACTIVE_STREAMS, cleanupsKey, SWEEPER_LOCK } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { MetaStatus } from './stream-store.ts';
import type { SweepStore } from './sweep-store.ts';

const BATCH = 200;
const CLEANUPS_WINDOW_MS = 60_000;

export function createRedisSweepStore({ redis }: { redis: RedisConnection }): SweepStore {
  const { commands, call } = redis;
  const token = randomUUID();

  async function* keys(pattern: string): AsyncGenerator<string[]> {
    for (const master of await redis.masters()) {
      let cursor = '0';
      do {
        const reply = await call(master.scan(cursor, { MATCH: pattern, COUNT: BATCH }));
        cursor = String(reply.cursor);
        if (reply.keys.length > 0) yield reply.keys;
      } while (cursor !== '0');
    }
  }

  return {
    lockSweep: async (ttlMs) => (await call(commands.lock([SWEEPER_LOCK], [token, String(ttlMs)]))) === 1,
    async unlockSweep() {
      await call(commands.unlock([SWEEPER_LOCK], [token]));
    },

    async countCleanup(userId) {
      return (await call(commands.tally([cleanupsKey(userId)], [String(CLEANUPS_WINDOW_MS)]))) as number;
    },

    async *streams() {
      for await (const found of keys('{stream:*}:meta')) {
        const [seconds] = await call(commands.time());
        const now = Number(seconds) * 1000;
        const metas = await call(
          Promise.all(
            found.map((key) =>
              commands.hmGet(key, ['status', 'userId', 'chatId', 'lease', 'lastActivity', 'released', 'packed']),
            ),
          ),
        );
        yield found.flatMap((key, i) => {
          const [status, userId, chatId, lease, lastActivity, released, packed] = metas[i]!;
          if (!status || status === 'deleted' || !userId) return [];
          return [
            {
              streamId: key.slice('{stream:'.length, -'}:meta'.length),
              userId,
              chatId: chatId ?? '',
              status: status as MetaStatus,
              // A stream that was handed over is about to be taken over.
              isOwned: status === 'active' && (Number(lease) > now || released != null),
              lastActivity: lastActivity ?? '',
              ...(packed == null ? {} : { isPacked: true as const }),
            },
          ];
        });
      }
    },

    async *userSets() {
      for await (const found of keys('user_streams:*')) {
        const sets = await call(Promise.all(found.map((key) => commands.sMembers(key))));
        yield found.map((key, i) => ({ userId: key.slice('user_streams:'.length), streamIds: sets[i]! }));
      }
    },

    async *pointers() {
      for await (const found of keys('chat:*')) {
        const heads = await call(Promise.all(found.map((key) => commands.hmGet(key, ['stream', 'streamAt']))));
        yield found.flatMap((key, i) => {
          const [streamId, streamAt] = heads[i]!;
          const [, userId, chatId] = /^chat:(.*):([^:]*)$/.exec(key) ?? [];
          return streamId && userId && chatId ? [{ userId, chatId, streamId, streamAt: streamAt ?? '' }] : [];
        });
      }
    },

    async *indexed() {
      let cursor = '0';
      do {
        const reply = await call(commands.zScan(ACTIVE_STREAMS, cursor, { COUNT: BATCH }));
        cursor = String(reply.cursor);
        if (reply.members.length > 0) yield reply.members.map(({ value }) => value);
      } while (cursor !== '0');
    },
  };
}
