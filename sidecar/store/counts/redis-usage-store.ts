import { addressStreamsKey, bytesKey, heldKey, userStreamsKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { Subject } from './admission-store.ts';
import type { HoldResult, UsageStore } from './usage-store.ts';

const RESULTS: Record<number, HoldResult['what']> = { 0: 'full', 1: 'held', 2: 'tooManyChats' };

const ownerKey = (subject: Subject): string =>
  'userId' in subject ? userStreamsKey(subject.userId) : addressStreamsKey(subject.address);

const keysOf = (subject: Subject): string[] => [bytesKey(ownerKey(subject)), reservationsKey(subject)];

/** The sorted set that has an entry for everything that the subject stores. The entry of a stream is `s<streamId>`. */
export const reservationsKey = (subject: Subject): string => heldKey(ownerKey(subject));

export function createRedisUsageStore({ redis }: { redis: RedisConnection }): UsageStore {
  const { commands, call } = redis;
  const hold: UsageStore['hold'] = async ({ subject, holdings, maxBytes, maxChats }) => {
    const args = holdings.flatMap(({ member, bytes, ttlMs }) => [member, String(bytes), String(ttlMs)]);
    const [what, bytes] = (await call(
      commands.hold(keysOf(subject), [String(maxBytes), String(maxChats), ...args]),
    )) as [number, number];
    return { what: RESULTS[what]!, bytes };
  };

  return {
    hold,
    members: (subject) => call(commands.zRange(keysOf(subject)[1]!, 0, -1)),
    async release(subject, members) {
      if (members.length === 0) return;
      const holdings = members.map((member) => ({ member, bytes: 0, ttlMs: 0 }));
      await hold({ subject, holdings, maxBytes: 0, maxChats: 0 });
    },
  };
}
