/**
 * A stream counts as active for this long after it was admitted, even if it is not created yet. The time must be longer than any
 * start takes, even on a busy machine. Otherwise too many streams are admitted.
 */
export const STARTING_MS = 15_000;

/** The person, or the group of all guests at one network address, that a limit applies to. */
export type Subject = { userId: string } | { address: string };

export interface AdmissionRequest {
  subject: Subject;
  streamId: string;
  /** Maximum number of active streams; 0: no limit. */
  maxActive: number;
  /** Maximum number of starts in `windowMs`; 0: no limit. */
  maxStarts: number;
  windowMs: number;
  /** A stream counts as one that is being created (`isStarting`) for this long after it was admitted. */
  startingMs: number;
  /** Streams from an earlier `full` reply that have turned out to have ended. They are removed before anything is counted. */
  ended: readonly string[];
}

export type AdmissionResult =
  | { what: 'admitted' }
  /** The maximum number of streams was already started in this window. */
  | { what: 'tooSoon'; waitMs: number }
  /** The streams that count as active. Some may have ended without being removed. */
  | { what: 'full'; members: { streamId: string; isStarting: boolean }[] };

/**
 * Counts the streams that each person or address has started, across all sidecars. Each call is atomic. A stream that is
 * admitted several times is counted once. A call rejects with `StoreUnavailable` if the store does not answer.
 */
export interface AdmissionStore {
  admit(request: AdmissionRequest): Promise<AdmissionResult>;
  /** Removes a stream that was admitted but not created. */
  withdraw(subject: Subject, streamId: string): Promise<void>;
}
