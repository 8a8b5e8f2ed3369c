import { MAX_ALL_ACTIVE, type StreamState } from '../../../shared/stream/stream.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import type { ReaderCounts } from '../../store/counts/reader-counts.ts';
import type { SweepStore } from '../../store/streams/sweep-store.ts';
import type { LocalStreams } from './local-streams.ts';
import type { StreamStates } from './stream-states.ts';

export interface AllActiveOptions {
  sweep: Pick<SweepStore, 'indexed'>;
  manager: Pick<StreamStates, 'activeAmong'> & { streams: Pick<LocalStreams, 'readers'> };
  readerCounts: Pick<ReaderCounts, 'ofOthers'>;
  chats: Pick<ChatStore, 'queue'>;
}

/**
 * Returns everybody's active streams, oldest first. If there are more than {@link MAX_ALL_ACTIVE}, it returns only those that the
 * scan of the index finds first.
 */
export async function listAllActive({ sweep, ...options }: AllActiveOptions): Promise<StreamState[]> {
  // A map by id, because the scan of the index may return a stream twice.
  const found = new Map<string, StreamState>();
  for await (const streamIds of sweep.indexed()) {
    for (const state of await options.manager.activeAmong(streamIds)) found.set(state.streamId, state);
    if (found.size >= MAX_ALL_ACTIVE) break;
  }
  const states = [...found.values()].slice(0, MAX_ALL_ACTIVE).sort((a, b) => (a.startTime < b.startTime ? -1 : 1));
  return withSurroundings(states, options);
}

/** The state of one stream; `null` if the stream is not active. */
export async function findActive(
  streamId: string,
  options: Omit<AllActiveOptions, 'sweep'>,
): Promise<StreamState | null> {
  const states = await options.manager.activeAmong([streamId]);
  const [state] = await withSurroundings(states, options);
  return state ?? null;
}

/** Adds to each stream: how many readers it has, how many turns wait in its chat, and when the oldest waiting turn was queued. */
async function withSurroundings(
  states: readonly StreamState[],
  { manager, readerCounts, chats }: Omit<AllActiveOptions, 'sweep'>,
): Promise<StreamState[]> {
  if (states.length === 0) return [];
  const [here, elsewhere] = [manager.streams.readers(), await readerCounts.ofOthers()];
  return Promise.all(
    states.map(async (state) => {
      const readers = (here.get(state.streamId) ?? 0) + (elsewhere.get(state.streamId) ?? 0);
      const turns = (await chats.queue(state.userId ?? '', state.chatId))?.turns ?? [];
      const [since] = turns.map(({ createdAt }) => createdAt).sort();
      return { ...state, readers, ...(since === undefined ? {} : { waiting: { turns: turns.length, since } }) };
    }),
  );
}
