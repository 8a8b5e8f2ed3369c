import { setTimeout as delay } from 'node:timers/promises';
import { RejoinError } from '../../../shared/errors.ts';
import type { StreamMeta, StreamStore } from '../../store/streams/stream-store.ts';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 1000;
/**
 * At most this many searches by one person wait for missing streams at the same time, so that made-up ids cost little. The limit
 * does not apply if this process writes or follows the stream, or if Redis was away a moment ago.
 */
const MAX_WAITING = 5;

export interface FinderOptions {
  store: Pick<StreamStore, 'meta' | 'wasAway' | 'unindexMissing'>;
  /** How long a missing stream is looked for. If Redis has lost the stream, its owner may be about to write it again. */
  patienceMs: number;
  /** True if this process writes or follows the stream. */
  isHere(streamId: string): boolean;
}

export interface Search<T> {
  userId: string;
  streamId: string;
  /** True if the caller has seen the stream before. */
  wasSeen: boolean;
  look(): Promise<T | null>;
}

/** Finds a person's streams. A stream of another person is reported as `not_found`, like a stream that does not exist. */
export interface Finder {
  /** If the stream is missing but may come back, looks again for a while. */
  find<T extends { userId: string }>(search: Search<T>): Promise<T>;
  meta(userId: string, streamId: string): Promise<StreamMeta>;
}

export function createFinder({ store, patienceMs, isHere }: FinderOptions): Finder {
  const waiting = new Map<string, number>();

  async function look<T>(search: Search<T>): Promise<T> {
    const found = (await search.look()) ?? (await waitFor(search));
    if (found !== null) return found;
    if (store.wasAway()) throw new RejoinError('store_unavailable', { retryAfterSeconds: 1 });
    throw notFound();
  }

  /** Looks again, less and less often, while the stream may come back. */
  async function waitFor<T>({ userId, streamId, wasSeen, look }: Search<T>): Promise<T | null> {
    const mayBeAway = () => isHere(streamId) || store.wasAway() || wasSeen;
    const others = waiting.get(userId) ?? 0;
    if (!mayBeAway() || (others >= MAX_WAITING && !isHere(streamId) && !store.wasAway())) return null;
    waiting.set(userId, others + 1);
    try {
      const until = Date.now() + patienceMs;
      for (let retryMs = FIRST_RETRY_MS; mayBeAway() && Date.now() <= until; retryMs *= 2) {
        await delay(Math.min(retryMs, LONGEST_RETRY_MS));
        const found = await look();
        if (found !== null) return found;
      }
      return null;
    } finally {
      const left = waiting.get(userId)! - 1;
      if (left > 0) waiting.set(userId, left);
      else waiting.delete(userId);
    }
  }

  /**
   * Removes a missing stream from the person's set of active streams. The stream stays in the index that recovery reads, because
   * the stream may be about to be created.
   */
  async function unindexMissing(userId: string, streamId: string, error: unknown): Promise<void> {
    if (!(error instanceof RejoinError) || error.code !== 'not_found') return;
    await store.unindexMissing(streamId, userId).catch(() => {
      /* the next cleanup removes the stream from the set */
    });
  }

  async function find<T extends { userId: string }>(search: Search<T>): Promise<T> {
    const { userId, streamId } = search;
    const found = await look(search).catch(async (error: unknown) => {
      await unindexMissing(userId, streamId, error);
      throw error;
    });
    if (found.userId !== userId) throw notFound();
    return found;
  }

  return {
    find,
    meta: (userId, streamId) => find({ userId, streamId, wasSeen: false, look: () => store.meta(streamId) }),
  };
}

export const notFound = () => new RejoinError('not_found');
