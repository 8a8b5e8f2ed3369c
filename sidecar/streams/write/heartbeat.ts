import { askerIdOf } from '../../store/streams/asked-by.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import type { Generation } from './generation.ts';
import { slicesOf } from '../log/slices.ts';

/** Every fifth heartbeat extends the TTLs. A TTL is at least ten leases long, and there are three heartbeats per lease. */
const FULL_EVERY = 5;

/**
 * PROTOCOL.md 7.2: renews the leases of all streams that this process writes, many in one call, whether or not anything was
 * appended: a model may think for a long time. It also stores when each model last sent something, for other processes.
 * A stream's first heartbeat and every fifth after it are full: they also extend TTLs, and repeat the entry in the person's
 * set of active streams. So 10,000 silent streams use 12 % of a core of Redis, and not 23 % (`node scripts/measure/silent.ts`).
 */
export async function renewLeases({
  store,
  generations,
}: {
  store: StreamStore;
  generations: readonly Generation[];
}): Promise<void> {
  for (const some of slicesOf(generations)) await renewSome(store, some);
}

async function renewSome(store: StreamStore, generations: readonly Generation[]): Promise<void> {
  const isFull = generations.map(({ heartbeats }) => heartbeats % FULL_EVERY === 0);
  const leases = generations.map(({ lease, lastActivity }, i) => ({ ...lease, lastActivity, extendsTtl: isFull[i]! }));
  const results = await store.renew(leases);
  const alive: { streamId: string; userId?: string; deadline: number }[] = [];
  results.forEach((result, i) => {
    const generation = generations[i]!;
    if (generation.lease.epoch !== leases[i]!.epoch) return; // the log was written again during the call
    switch (result.what) {
      case 'renewed':
        generation.renewed();
        alive.push({
          streamId: generation.streamId,
          userId: isFull[i] ? askerIdOf(generation.facts) : undefined,
          deadline: result.deadline,
        });
        return;
      case 'fenced':
        return generation.stop('fenced');
      case 'unknown':
        return;
      case 'gone':
        return generation.lost();
    }
  });
  await store.index(alive);
}
