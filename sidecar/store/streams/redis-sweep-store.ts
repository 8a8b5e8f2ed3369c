import { randomUUID } from 'node:crypto';
import {
  ACTIVE_STREAMS,
  chatKey,
  cleanupsKey,
  metaKey,
  SWEEP_PLACE,
  SWEEPER_LOCK,
  userStreamsKey,
} from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { MetaStatus } from './stream-store.ts';
import type { SweepStore, SweptPart, SweptStream } from './sweep-store.ts';

/** The approximate number of keys in one part of a sweep. */
const BATCH = 200;
const CLEANUPS_WINDOW_MS = 60_000;

/** `walk` uses the connection for large reads (`bulk`), so that appends never wait for a walk. */
export function createRedisSweepStore({ redis }: { redis: RedisConnection }): SweepStore {
  const { commands, bulkText, call, callBulk } = redis;
  const token = randomUUID();
  const lock = async (how: 'take' | 'keep', ttlMs: number) =>
    (await call(commands.lock([SWEEPER_LOCK], [token, String(ttlMs), how]))) === 1;

  async function readStreams(streamIds: readonly string[]): Promise<SweptStream[]> {
    if (streamIds.length === 0) return [];
    const [[seconds, microseconds], ...metas] = await callBulk(
      Promise.all([
        bulkText.time(),
        ...streamIds.map((streamId) =>
          bulkText.hmGet(metaKey(streamId), [
            'status',
            'userId',
            'chatId',
            'lease',
            'lastActivity',
            'released',
            'packed',
          ]),
        ),
      ]),
    );
    const now = Number(seconds) * 1000 + Number(microseconds) / 1000;
    return streamIds.flatMap((streamId, i) => {
      const [status, userId, chatId, lease, lastActivity, released, packed] = metas[i]!;
      if (!status || status === 'deleted' || !userId) return [];
      return [
        {
          streamId,
          userId,
          chatId: chatId ?? '',
          status: status as MetaStatus,
          // A stream that was handed over counts as owned, because another process is about to take it.
          isOwned: status === 'active' && (Number(lease) > now || released != null),
          lastActivity: lastActivity ?? '',
          ...(packed == null ? {} : { isPacked: true as const }),
        },
      ];
    });
  }

  async function readPointers(chats: readonly (readonly [string, string])[]): Promise<SweptPart['pointers']> {
    const heads = await callBulk(
      Promise.all(chats.map(([userId, chatId]) => bulkText.hmGet(chatKey(userId, chatId), ['stream', 'streamAt']))),
    );
    return chats.flatMap(([userId, chatId], i) => {
      const [streamId, streamAt] = heads[i]!;
      return streamId ? [{ userId, chatId, streamId, streamAt: streamAt ?? '' }] : [];
    });
  }

  async function readUserSets(userIds: readonly string[]): Promise<SweptPart['userSets']> {
    const sets = await callBulk(Promise.all(userIds.map((userId) => bulkText.sMembers(userStreamsKey(userId)))));
    return userIds.map((userId, i) => ({ userId, streamIds: sets[i]! }));
  }

  return {
    lockSweep: (ttlMs) => lock('take', ttlMs),
    keepLock: (ttlMs) => lock('keep', ttlMs),
    async unlockSweep() {
      await call(commands.unlock([SWEEPER_LOCK], [token]));
    },

    async countCleanup(userId) {
      return (await call(commands.tally([cleanupsKey(userId)], [String(CLEANUPS_WINDOW_MS)]))) as number;
    },

    async walk(from) {
      // `from` is `<number of the master>:<cursor of its SCAN>`.
      const [number, cursor] = /^(\d+):(\d+)$/.exec(from ?? '')?.slice(1) ?? ['0', '0'];
      const masters = await redis.bulkMasters();
      const master = masters[Number(number)];
      if (master === undefined) return { streams: [], userSets: [], pointers: [], next: null };
      const reply = await callBulk(master.scan(cursor!, { COUNT: BATCH }));
      const keys = reply.keys.map(String);
      const [streams, userSets, pointers] = await Promise.all([
        readStreams(matches(keys, META).map(([streamId]) => streamId!)),
        readUserSets(matches(keys, USER_STREAMS).map(([userId]) => userId!)),
        readPointers(matches(keys, CHAT).map(([userId, chatId]) => [userId!, chatId!] as const)),
      ]);
      const isLast = String(reply.cursor) === '0';
      if (!isLast) return { streams, userSets, pointers, next: `${number}:${String(reply.cursor)}` };
      const after = Number(number) + 1;
      return { streams, userSets, pointers, next: after < masters.length ? `${after}:0` : null };
    },

    async notePlace(place, ttlMs) {
      await call(commands.note([SWEEP_PLACE], [place, String(ttlMs)]));
    },
    place: async () => (await call(commands.get(SWEEP_PLACE))) ?? '',

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

const META = /^\{stream:(.+)\}:meta$/;
const USER_STREAMS = /^user_streams:(.+)$/;
const CHAT = /^chat:(.*):([^:]*)$/;

const matches = (keys: readonly string[], pattern: RegExp): string[][] =>
  keys.flatMap((key) => {
    const match = pattern.exec(key);
    return match ? [match.slice(1)] : [];
  });
