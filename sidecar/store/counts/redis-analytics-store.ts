import type { AnalyticsHour, AnalyticsStore } from './analytics-store.ts';
import { analyticsKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

/** Number of hours whose counts are read together. */
const READ_TOGETHER = 100;

export function createRedisAnalyticsStore({
  redis,
  keptMs,
}: {
  redis: Pick<RedisConnection, 'commands' | 'call' | 'masters'>;
  /** The counts of an hour are deleted this long after their last change. */
  keptMs: number;
}): AnalyticsStore {
  const { commands, call } = redis;
  return {
    async add({ hour, id, seq, sums, maxima }) {
      const amounts = [...sums, ...maxima].flatMap(([name, amount]) => [name, String(amount)]);
      await call(
        commands.count([analyticsKey(hour)], [String(keptMs), id, String(seq), String(sums.size), ...amounts]),
      );
    },

    async read(hours) {
      const found: AnalyticsHour[] = [];
      for (let first = 0; first < hours.length; first += READ_TOGETHER) {
        const some = hours.slice(first, first + READ_TOGETHER);
        const buckets = await call(Promise.all(some.map((hour) => commands.hGetAll(analyticsKey(hour)))));
        buckets.forEach((bucket, index) => {
          const fields = Object.entries(bucket).filter(([name]) => !name.startsWith('@'));
          if (fields.length === 0) return;
          found.push({
            hour: some[index]!,
            fields: Object.fromEntries(fields.map(([name, value]) => [name, Number(value)])),
          });
        });
      }
      return found;
    },

    async memory() {
      const masters = await call(redis.masters());
      const infos = await call(Promise.all(masters.map((master) => master.info('memory'))));
      const sumOf = (name: string) =>
        infos.reduce((sum, info) => sum + Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0), 0);
      return { usedBytes: sumOf('used_memory'), limitBytes: sumOf('maxmemory') };
    },
  };
}
