import { RejoinError } from '../../shared/errors.ts';
import type { AdmissionStore, Subject } from '../store/counts/admission-store.ts';
import { isRunning, type StreamStore } from '../store/streams/stream-store.ts';

export interface AdmissionLimits {
  /** Streams of one person at a time; 0: any number. */
  activeStreamsPerUser: number;
  /** Starts of one person in 60 s; 0: any number. */
  startsPerMinute: number;
  /** All guests at one network address together have the limits of so many persons; 0: an address is not limited. */
  guestsPerAddress: number;
  /** Streams that one sidecar writes; 0: any number. */
  streams: number;
}

export interface Start {
  streamId: string;
  userId: string;
  /** A guest's network address, as a keyed hash; `null` for everybody else. */
  address: string | null;
  /** How many streams this process writes. */
  running: number;
}

/** Decides whether one more stream may begin. */
export interface Admission {
  /**
   * Returns where it may, and throws `overloaded`, `too_many_streams` or `rate_limited` where it may not. Is asked
   * for streams only that do not exist yet; to ask again for the same one, anywhere, costs nothing.
   */
  admit(start: Start): Promise<void>;
  /** The start is done: the stream runs now, or was not created. Its place among the starts is free again. */
  release(streamId: string): void;
}

const WINDOW_MS = 60_000;
/** Nobody knows when one of the answers ends. */
const FULL_RETRY_SECONDS = 5;
const OVERLOADED_RETRY_SECONDS = 2;
/**
 * A start that was admitted counts for this long although its stream is not created yet. It must be longer than any
 * start takes, on a machine that is busy too, or more are admitted than may run. A start whose process died counts until then.
 */
const STARTING_MS = 15_000;
/** How often members that have ended are taken out before it is said that there is no room. */
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
  /** Starts that are under way here and not yet among those that run. */
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

  /** `persons`: the limits of so many count for the subject. */
  async function count(subject: Subject, streamId: string, persons: number): Promise<void> {
    const maxActive = activeStreamsPerUser * persons;
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

  /** What is remembered as active may be neither: its process died before it could be taken out, or created. */
  async function endedAmong(members: readonly { streamId: string; isStarting: boolean }[]): Promise<string[]> {
    const metas = await Promise.all(members.map(({ streamId }) => streams.meta(streamId)));
    return members.flatMap(({ streamId, isStarting }, at) => {
      const meta = metas[at];
      const counts = meta ? isRunning(meta.status) : isStarting;
      return counts ? [] : [streamId];
    });
  }

  return {
    async admit({ streamId, userId, address, running }) {
      takePlace(streamId, running);
      await count({ userId }, streamId, 1);
      if (address === null || guestsPerAddress === 0) return;
      try {
        await count({ address }, streamId, guestsPerAddress);
      } catch (error) {
        // Not begun, so it does not count for the person either. The same start at another sidecar fails as well.
        await store.withdraw({ userId }, streamId).catch(() => {
          /* counted until it is found out */
        });
        throw error;
      }
    },
    release: (streamId) => void starting.delete(streamId),
  };
}
