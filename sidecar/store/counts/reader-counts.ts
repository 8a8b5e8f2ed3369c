import { readersKey, SIDECARS } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

/** How many readers each stream has at other sidecars. Each sidecar reports its own readers every few seconds; a report soon expires. */
export interface ReaderCounts {
  /** Reports how many readers each stream has at this sidecar. `counts`: by stream id. */
  tell(counts: ReadonlyMap<string, number>): Promise<void>;
  ofOthers(): Promise<ReadonlyMap<string, number>>;
}

/** For a sidecar without Redis: it knows no other sidecars. */
export const noOthers: ReaderCounts = { tell: async () => {}, ofOthers: async () => new Map() };

export function createRedisReaderCounts({
  redis,
  id,
  keptMs,
}: {
  redis: Pick<RedisConnection, 'commands' | 'call'>;
  /** The id of this sidecar. */
  id: string;
  /** TTL of a report. It must be longer than the interval between two reports. */
  keptMs: number;
}): ReaderCounts {
  const { commands, call } = redis;
  let hasTold = false;
  return {
    async tell(counts) {
      if (counts.size === 0 && !hasTold) return;
      hasTold = counts.size > 0;
      const expiration = { type: 'PX', value: keptMs } as const;
      await call(
        Promise.all([
          commands.set(readersKey(id), JSON.stringify(Object.fromEntries(counts)), { expiration }),
          commands.sAdd(SIDECARS, id),
        ]),
      );
    },

    async ofOthers() {
      const others = (await call(commands.sMembers(SIDECARS))).filter((other) => other !== id);
      const told = await call(Promise.all(others.map((other) => commands.get(readersKey(other)))));
      const silent = others.filter((_other, index) => told[index] === null);
      if (silent.length > 0) await call(commands.sRem(SIDECARS, silent));
      const sums = new Map<string, number>();
      for (const text of told) {
        const counts = text === null ? {} : (JSON.parse(text) as Record<string, number>);
        for (const [streamId, count] of Object.entries(counts)) sums.set(streamId, (sums.get(streamId) ?? 0) + count);
      }
      return sums;
    },
  };
}
