import { RejoinError } from '../../shared/errors.ts';

const RETRY_SECONDS = 5;

/**
 * Limits the readers that one stream and one user can have in this process. Each sidecar counts only its own readers,
 * because a reader uses sockets and memory of only one sidecar. Counting the readers of all sidecars would also cost a
 * Redis command per reader.
 */
export interface ReaderLimit {
  /** Adds a reader and returns the function that removes it. Throws `too_many_readers`. */
  enter(reader: { userId: string; streamId: string }): () => void;
}

/** A limit of 0 allows any number. */
export function createReaderLimit({ perStream, perUser }: { perStream: number; perUser: number }): ReaderLimit {
  const streams = createCounter(
    perStream,
    (limit) => `This answer has ${limit} readers, the maximum. Close one and try again.`,
  );
  const users = createCounter(
    perUser,
    (limit) => `You have ${limit} open connections, the maximum. Close some tabs and try again.`,
  );
  return {
    enter({ userId, streamId }) {
      streams.assertRoom(streamId);
      users.assertRoom(userId);
      const leaveStream = streams.add(streamId);
      const leaveUser = users.add(userId);
      return () => {
        leaveStream();
        leaveUser();
      };
    },
  };
}

/** Counts open connections per key. A limit of 0 allows any number. */
export function createCounter(limit: number, detailOf: (limit: number) => string) {
  const counts = new Map<string, number>();
  return {
    assertRoom(key: string): void {
      if (limit === 0 || (counts.get(key) ?? 0) < limit) return;
      throw new RejoinError('too_many_readers', {
        detail: detailOf(limit),
        retryAfterSeconds: RETRY_SECONDS,
        rateLimit: { limit },
      });
    },
    add(key: string): () => void {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return () => {
        const left = counts.get(key)! - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
}
