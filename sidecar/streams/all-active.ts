import { MAX_ALL_ACTIVE, type StreamState } from '../../shared/stream.ts';
import type { ReaderCounts } from '../store/reader-counts.ts';
import type { SweepStore } from '../store/sweep-store.ts';
import type { StreamManager } from './stream-manager.ts';

/** Everybody's active streams, the longest running first; of more than {@link MAX_ALL_ACTIVE} as many as that. */
export async function listAllActive({
  sweep,
  manager,
  readerCounts,
}: {
  sweep: Pick<SweepStore, 'indexed'>;
  manager: Pick<StreamManager, 'activeAmong' | 'streams'>;
  readerCounts: Pick<ReaderCounts, 'ofOthers'>;
}): Promise<StreamState[]> {
  // By id: a scan may come upon a member twice.
  const found = new Map<string, StreamState>();
  for await (const streamIds of sweep.indexed()) {
    for (const state of await manager.activeAmong(streamIds)) found.set(state.streamId, state);
    if (found.size >= MAX_ALL_ACTIVE) break;
  }
  const [here, elsewhere] = [manager.streams.readers(), await readerCounts.ofOthers()];
  return [...found.values()]
    .slice(0, MAX_ALL_ACTIVE)
    .sort((a, b) => (a.startTime < b.startTime ? -1 : 1))
    .map((state) => ({
      ...state,
      readers: (here.get(state.streamId) ?? 0) + (elsewhere.get(state.streamId) ?? 0),
    }));
}
