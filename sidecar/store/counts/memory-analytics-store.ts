import type { AnalyticsStore } from './analytics-store.ts';

export function createMemoryAnalyticsStore({ keptHours }: { keptHours: number }): AnalyticsStore {
  /** Oldest first, because an hour is added when its first count arrives. */
  const hours = new Map<string, { fields: Map<string, number>; seqs: Map<string, number> }>();
  return {
    async add({ hour, id, seq, sums, maxima }) {
      const bucket = hours.get(hour) ?? { fields: new Map<string, number>(), seqs: new Map<string, number>() };
      hours.set(hour, bucket);
      if (hours.size > keptHours) hours.delete(hours.keys().next().value!);
      if ((bucket.seqs.get(id) ?? 0) >= seq) return;
      bucket.seqs.set(id, seq);
      const { fields } = bucket;
      for (const [name, amount] of sums) fields.set(name, (fields.get(name) ?? 0) + amount);
      for (const [name, value] of maxima) fields.set(name, Math.max(fields.get(name) ?? 0, value));
    },

    async read(wanted) {
      return wanted.flatMap((hour) => {
        const bucket = hours.get(hour);
        return bucket && bucket.fields.size > 0 ? [{ hour, fields: Object.fromEntries(bucket.fields) }] : [];
      });
    },

    memory: async () => null,
  };
}
