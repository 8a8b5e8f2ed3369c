import type { BranchPlan } from './branches/branch-plan.ts';
import type { ReaderPlan } from './reader.ts';

/** One answer of the synthetic model, and how it is read. */
export interface TurnPlan {
  modelId: string;
  /** Deltas of a complete answer, and characters per delta. */
  chunks: number;
  chunkChars: number;
  /** True if the model is told to fail at some delta, so the stream may end with an error. */
  mayFail: boolean;
  /** Approximate duration, if nothing breaks. */
  durationMs: number;
  /** This many copies of the request for the stream are sent at the same time, to random sidecars. */
  starts: number;
  /** Delay after which the answer is stopped; `null`: never. */
  cancelAfterMs: number | null;
  /** This many requests to stop the answer are sent at the same time. */
  cancels: number;
  readers: ReaderPlan[];
  branches: BranchPlan[];
}
