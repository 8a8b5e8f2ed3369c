import { askerIdOf } from '../../store/streams/asked-by.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import type { Generation } from './generation.ts';
import { slicesOf } from '../log/slices.ts';

/**
 * PROTOCOL.md 7.2: renews the leases of all streams that this process writes, many in one call, whether or not anything was
 * appended: a thinking model is not a dead one. It also stores when each model last sent something, for other processes.
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
  const leases = generations.map(({ lease, lastActivity }) => ({ ...lease, lastActivity }));
  const results = await store.renew(leases);
  const alive: { streamId: string; userId: string; deadline: number }[] = [];
  results.forEach((result, i) => {
    const generation = generations[i]!;
    if (generation.lease.epoch !== leases[i]!.epoch) return; // the log was written again during the call
    switch (result.what) {
      case 'renewed':
        generation.renewed();
        alive.push({ streamId: generation.streamId, userId: askerIdOf(generation.facts), deadline: result.deadline });
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
