import { MAX_ALL_ACTIVE, type StreamState } from '../../../shared/stream/stream.ts';
import type { ReaderCounts } from '../../store/counts/reader-counts.ts';
import type { SweepStore } from '../../store/streams/sweep-store.ts';
import type { LocalStreams } from './local-streams.ts';
import type { StreamStates } from './stream-states.ts';

export interface AllActiveOptions {
  sweep: Pick<SweepStore, 'indexed'>;
  manager: Pick<StreamStates, 'activeAmong'> & { streams: Pick<LocalStreams, 'readers'> };
  readerCounts: Pick<ReaderCounts, 'ofOthers'>;
}

/** Everybody's active streams, oldest first, at most {@link MAX_ALL_ACTIVE}. */
export async function listAllActive({ sweep, manager, readerCounts }: AllActiveOptions): Promise<StreamState[]> {
  // By id, because a scan may return a member twice.
  const found = new Map<string, StreamState>();
  for await (const streamIds of sweep.indexed()) {
    for (const state of await manager.activeAmong(streamIds)) found.set(state.streamId, state);
    if (found.size >= MAX_ALL_ACTIVE) break;
  }
  const states = [...found.values()].slice(0, MAX_ALL_ACTIVE).sort((a, b) => (a.startTime < b.startTime ? -1 : 1));
  return withReaders(states, { manager, readerCounts });
}

/** One active stream; `null` if it is not active. */
export async function findActive(
  streamId: string,
  { manager, readerCounts }: Omit<AllActiveOptions, 'sweep'>,
): Promise<StreamState | null> {
  const states = await manager.activeAmong([streamId]);
  const [state] = await withReaders(states, { manager, readerCounts });
  return state ?? null;
}

async function withReaders(
  states: readonly StreamState[],
  { manager, readerCounts }: Omit<AllActiveOptions, 'sweep'>,
): Promise<StreamState[]> {
  if (states.length === 0) return [];
  const [here, elsewhere] = [manager.streams.readers(), await readerCounts.ofOthers()];
  return states.map((state) => ({
    ...state,
    readers: (here.get(state.streamId) ?? 0) + (elsewhere.get(state.streamId) ?? 0),
  }));
}
