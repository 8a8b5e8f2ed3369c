import type { AdmissionStore, Subject } from './admission-store.ts';
import { addressStreamsKey, startsKey, userStreamsKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

/**
 * TTL of the set with the streams of a network address. Ended streams are removed from this set only when the set is full, so the set
 * has to expire.
 */
const ADDRESS_TTL_MS = 24 * 3600 * 1000;

export function createRedisAdmissionStore({ redis }: { redis: RedisConnection }): AdmissionStore {
  const { commands, call } = redis;
  const activeKey = (subject: Subject): string =>
    'userId' in subject ? userStreamsKey(subject.userId) : addressStreamsKey(subject.address);

  return {
    async admit({ subject, streamId, maxActive, maxStarts, windowMs, startingMs, ended }) {
      const key = activeKey(subject);
      const ttlMs = 'userId' in subject ? 0 : ADDRESS_TTL_MS;
      const numbers = [maxActive, maxStarts, windowMs, startingMs, ttlMs].map(String);
      const [what, ...rest] = (await call(commands.admit([key, startsKey(key)], [streamId, ...numbers, ...ended]))) as [
        string,
        ...(string | number)[],
      ];
      if (what === 'admitted') return { what };
      if (what === 'tooSoon') return { what, waitMs: Number(rest[0]) };
      const members = rest.flatMap((id, at) =>
        at % 2 === 0 ? [{ streamId: String(id), isStarting: rest[at + 1] === 1 }] : [],
      );
      return { what: 'full', members };
    },

    async withdraw(subject, streamId) {
      const key = activeKey(subject);
      await call(Promise.all([commands.sRem(key, streamId), commands.zRem(startsKey(key), streamId)]));
    },
  };
}
