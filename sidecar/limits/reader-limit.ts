import { RejoinError } from '../../shared/errors.ts';

const RETRY_SECONDS = 5;

/**
 * How many readers one stream and one person may have in this process. Each sidecar counts its own: to know of those
 * of others would cost a Redis command a reader, and what a reader needs (a socket, memory) it needs here.
 */
export interface ReaderLimit {
  /** Counts one in; the answer counts it out. Throws `too_many_readers`. */
  enter(reader: { userId: string; streamId: string }): () => void;
}

/** 0: any number. */
export function createReaderLimit({ perStream, perUser }: { perStream: number; perUser: number }): ReaderLimit {
  const streams = createCounter(perStream, (limit) => `No more than ${limit} read the same answer at a time.`);
  const users = createCounter(perUser, (limit) => `No more than ${limit} of one person's are connected at a time.`);
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

function createCounter(limit: number, says: (limit: number) => string) {
  const counts = new Map<string, number>();
  return {
    assertRoom(key: string): void {
      if (limit === 0 || (counts.get(key) ?? 0) < limit) return;
      throw new RejoinError('too_many_readers', { detail: says(limit), retryAfterSeconds: RETRY_SECONDS });
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
