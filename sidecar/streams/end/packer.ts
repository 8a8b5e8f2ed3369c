import type { Log } from '../../log.ts';
import type { RedisServerHealth } from '../../store/redis/redis-health.ts';
import type { PackStore } from '../../store/streams/pack-store.ts';
import { StoreUnavailable } from '../../store/streams/stream-store.ts';

/** Streams are taken in batches of this size, so that several sidecars share the work. */
const BATCH = 64;
const AT_ONCE = 4;
/** A stream that was taken but not packed, for example because the process that took it died, is not taken again for at least this time. */
const RETRY_MS = 60_000;
/** If Redis uses more than this share of its memory limit, ended streams are packed without waiting for `afterMs`. */
const SHORT_OF_MEMORY = 0.75;

export interface PackerOptions {
  store: PackStore;
  /** How long after the end of a stream its log is packed. */
  afterMs: number;
  /** If it is left out, Redis never counts as short of memory. */
  redisHealth?: () => Promise<RedisServerHealth[] | null>;
  log: Pick<Log, 'warn'>;
}

/** PROTOCOL.md 8.7: packs the logs of streams that have ended. Each sidecar also packs streams that other sidecars wrote. */
export function createPacker({ store, afterMs, redisHealth, log }: PackerOptions): { run(): Promise<void> } {
  async function isShortOfMemory(): Promise<boolean> {
    const masters = (await redisHealth?.()) ?? [];
    return masters.some(({ usedBytes, maxBytes }) => maxBytes > 0 && usedBytes > maxBytes * SHORT_OF_MEMORY);
  }

  async function packEach(streamIds: string[]): Promise<void> {
    for (let streamId = streamIds.pop(); streamId !== undefined; streamId = streamIds.pop()) {
      await store.pack(streamId).catch((error: unknown) => {
        // If Redis is away, nothing is logged. The stream is taken again later.
        if (!(error instanceof StoreUnavailable)) log.warn({ event: 'packing.failed', streamId, error });
      });
    }
  }

  return {
    async run() {
      const aheadMs = (await isShortOfMemory()) ? afterMs : 0;
      for (let isMore = true; isMore;) {
        const due = await store.take({ limit: BATCH, retryMs: afterMs + RETRY_MS, aheadMs });
        isMore = due.length === BATCH;
        await Promise.all(Array.from({ length: AT_ONCE }, () => packEach(due)));
      }
    },
  };
}
