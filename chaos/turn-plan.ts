import type { BranchPlan } from './branches/branch-plan.ts';
import type { ReaderPlan } from './reader.ts';

/** One answer of the synthetic model, and how it is read. */
export interface TurnPlan {
  modelId: string;
  /** Deltas of a complete answer, and characters per delta. */
  chunks: number;
  chunkChars: number;
  /** True if the model is told to fail at some delta. It fails only if its first call gets so far. */
  mayFail: boolean;
  /** Approximate duration, if nothing breaks. */
  durationMs: number;
  /** The same request for the stream is sent this many times at once, to any sidecars. */
  starts: number;
  /** When it is stopped; `null`: never. */
  cancelAfterMs: number | null;
  /** Number of requests that stop it at once. */
  cancels: number;
  readers: ReaderPlan[];
  branches: BranchPlan[];
}
