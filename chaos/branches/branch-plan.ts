/** A branch of an answer while it is written. */
export interface BranchPlan {
  afterMs: number;
  /**
   * The place in the answer. `stored`: any event that is stored. `seen`: the last one that a reader has, which Redis may not
   * have yet. `now`: the sidecar decides.
   */
  at: 'stored' | 'seen' | 'now';
  /** The same request is sent this many times at once. */
  copies: number;
}

/** A branch that was asked for, and what its requests were answered. */
export interface MadeBranch {
  forkId: string;
  asked: BranchPlan['at'];
  /** What the requests said. */
  at: string;
  answers: { status: number; body: string }[];
}
