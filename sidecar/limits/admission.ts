import { RejoinError } from '../../shared/errors.ts';
import { STARTING_MS, type AdmissionStore, type Subject } from '../store/counts/admission-store.ts';
import { isRunning, type StreamStore } from '../store/streams/stream-store.ts';

export interface AdmissionLimits {
  /** Maximum number of active streams per person; 0: no limit. */
  activeStreamsPerUser: number;
  /** Maximum number of starts per person in 60 s; 0: no limit. */
  startsPerMinute: number;
  /** All guests at one network address together have the limits of this many persons; 0: addresses are not limited. */
  guestsPerAddress: number;
  /** Maximum number of streams that one sidecar writes; 0: no limit. */
  streams: number;
}

export interface Start {
  streamId: string;
  userId: string;
  /** A guest's network address as a keyed hash; `null` for other users. */
  address: string | null;
  /** How many streams this process writes. */
  running: number;
}

/** Decides whether one more stream may start. */
export interface Admission {
  /**
   * Resolves if the stream may start; otherwise rejects with `overloaded`, `too_many_streams` or `rate_limited`. Must be
   * called only for streams that have not begun. If the call is repeated for the same stream within a minute, at any sidecar, it
   * is not counted again.
   */
  admit(start: Start): Promise<void>;
  /** Counts a start that is queued. Its stream does not run yet, so only the limit of starts per minute applies. */
  admitWaiting(start: Omit<Start, 'running'>): Promise<void>;
  /** Must be called when the stream runs or waits, or could not start. The stream then no longer counts as a start under way. */
  release(streamId: string): void;
}

const WINDOW_MS = 60_000;
/** A guess, because nobody knows when one of the running answers ends. */
const FULL_RETRY_SECONDS = 5;
const OVERLOADED_RETRY_SECONDS = 2;
/** Maximum number of calls to the store for one start. Each call after the first names streams that the store must not count. */
const MAX_TRIES = 3;

export function createAdmission({
  store,
  streams,
  limits,
}: {
  store: AdmissionStore;
  streams: Pick<StreamStore, 'meta'>;
  limits: AdmissionLimits;
}): Admission {
  /** Starts under way in this process that are not yet counted as running streams. */
  const starting = new Set<string>();
  const { activeStreamsPerUser, startsPerMinute, guestsPerAddress } = limits;

  function takePlace(streamId: string, running: number): void {
    if (limits.streams > 0 && !starting.has(streamId) && running + starting.size >= limits.streams) {
      throw new RejoinError('overloaded', {
        detail: 'This process writes as many answers as MAX_STREAMS allows.',
        retryAfterSeconds: OVERLOADED_RETRY_SECONDS,
      });
    }
    starting.add(streamId);
  }

  /** `persons`: the subject has the limits of this many persons. */
  async function count(subject: Subject, streamId: string, persons: number, waits = false): Promise<void> {
    const maxActive = waits ? 0 : activeStreamsPerUser * persons;
    const maxStarts = startsPerMinute * persons;
    if (maxActive === 0 && maxStarts === 0) return;
    const whose = 'userId' in subject ? 'You' : 'All guests at your network address together';
    let ended: string[] = [];
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const result = await store.admit({
        subject,
        streamId,
        maxActive,
        maxStarts,
        windowMs: WINDOW_MS,
        startingMs: STARTING_MS,
        ended,
      });
      if (result.what === 'admitted') return;
      if (result.what === 'tooSoon') {
        const seconds = Math.max(1, Math.ceil(result.waitMs / 1000));
        throw new RejoinError('rate_limited', {
          detail: `${whose} can start ${maxStarts} answers per minute. The next one is possible in ${seconds} s.`,
          retryAfterSeconds: seconds,
          rateLimit: { limit: maxStarts, windowSeconds: WINDOW_MS / 1000 },
        });
      }
      ended = await endedAmong(result.members);
      if (ended.length === 0) break;
    }
    throw new RejoinError('too_many_streams', {
      detail: `${whose} can have ${maxActive} answers written at the same time.`,
      retryAfterSeconds: FULL_RETRY_SECONDS,
      rateLimit: { limit: maxActive },
    });
  }

  /** Returns the streams that must not count: they have ended or were never created, but a process that died did not remove them. */
  async function endedAmong(members: readonly { streamId: string; isStarting: boolean }[]): Promise<string[]> {
    const metas = await Promise.all(members.map(({ streamId }) => streams.meta(streamId)));
    return members.flatMap(({ streamId, isStarting }, at) => {
      const meta = metas[at];
      const counts = meta ? isRunning(meta.status) : isStarting;
      return counts ? [] : [streamId];
    });
  }

  async function countAll(
    { streamId, userId, address }: Omit<Start, 'running'>,
    { waits }: { waits: boolean },
  ): Promise<void> {
    const isCountedAt = address !== null && guestsPerAddress > 0;
    const subjects: [Subject, number][] = [
      [{ userId }, 1],
      ...(isCountedAt ? [[{ address }, guestsPerAddress] as [Subject, number]] : []),
    ];
    // Both subjects are counted at the same time, which saves a round trip.
    const results = await Promise.allSettled(
      subjects.map(([subject, persons]) => count(subject, streamId, persons, waits)),
    );
    const refusal = results.find((result) => result.status === 'rejected');
    if (!refusal) return;
    // The stream was not started, so it must not count anywhere.
    const counted = subjects.filter((_, i) => results[i]!.status === 'fulfilled');
    await Promise.all(counted.map(([subject]) => store.withdraw(subject, streamId))).catch(() => {
      /* the stream counts until a later check removes it */
    });
    throw refusal.reason;
  }

  return {
    async admit({ streamId, userId, address, running }) {
      takePlace(streamId, running);
      await countAll({ streamId, userId, address }, { waits: false });
    },
    admitWaiting: (start) => countAll(start, { waits: true }),
    release: (streamId) => void starting.delete(streamId),
  };
}
