/** Whoever a limit counts for: a person, or all guests at one network address. */
export type Subject = { userId: string } | { address: string };

export interface AdmissionRequest {
  subject: Subject;
  streamId: string;
  /** Streams at a time; 0: any number. */
  maxActive: number;
  /** Starts in `windowMs`; 0: any number. */
  maxStarts: number;
  windowMs: number;
  /** For so long after its start a stream that is not there yet counts as one that is about to be. */
  startingMs: number;
  /** Members of an earlier answer that were found to have ended: they are taken out first. */
  ended: readonly string[];
}

export type AdmissionResult =
  | { what: 'admitted' }
  /** As many were begun as may be in one window. */
  | { what: 'tooSoon'; waitMs: number }
  /** The streams that count as active: some may have ended unnoticed. */
  | { what: 'full'; members: { streamId: string; isStarting: boolean }[] };

/**
 * Who has begun how many streams, for all sidecars together. Each call is one step that no other comes between. The
 * same stream can be said any number of times and is counted once.
 *
 * Rejects with `StoreUnavailable` as the stream store does.
 */
export interface AdmissionStore {
  admit(request: AdmissionRequest): Promise<AdmissionResult>;
  /** Forgets a stream that was admitted and did not come to be. */
  withdraw(subject: Subject, streamId: string): Promise<void>;
}
