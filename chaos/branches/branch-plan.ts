/** A plan for a branch: a copy of a chat, up to a place in an answer that is being written. */
export interface BranchPlan {
  /** Delay after the stream was started. */
  afterMs: number;
  /**
   * The place in the answer. `stored`: a random event in Redis. `seen`: the last event that a reader has. While Redis is away,
   * such an event may not be stored yet (PROTOCOL.md 10.1). `now`: the last stored event when the sidecar handles the request.
   */
  at: 'stored' | 'seen' | 'now';
  /** The same request is sent this many times at once. */
  copies: number;
}

export interface MadeBranch {
  forkId: string;
  asked: BranchPlan['at'];
  /** The place that the requests named: an event id, or `now`. */
  at: string;
  answers: { status: number; body: string }[];
}
