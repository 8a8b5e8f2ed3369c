import type { StreamErrorCode } from '../../../shared/stream-errors.ts';

/** What is known of a call that failed. Nothing in it is text of the provider's: such text may hold the prompt or a key. */
export interface Failure {
  code: StreamErrorCode;
  /** The HTTP status, or the one that the provider's own code stands for. */
  status?: number;
  /** A code from our own tables, or of the network: `ECONNREFUSED`, `insufficient_quota`. */
  detail?: string;
  /** How long the provider asks to wait before another try. */
  retryAfterMs?: number;
  /** What in the request the provider names as the trouble, where it does. */
  blames?: 'tools' | 'partial';
  /** The body of the refusal did not end in time. */
  isHanging?: boolean;
}

/** A call to a provider that failed, on its way to become a ModelError. Safe to log. */
export class WireFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super([failure.code, failure.status && `status ${failure.status}`, failure.detail].filter(Boolean).join(', '));
    this.name = 'WireFailure';
    this.failure = failure;
  }
}

/** The WireFailure that an error is, or that it wraps: the AI SDK wraps what its streams throw. */
export function wireFailureIn(error: unknown): WireFailure | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 6; depth += 1) {
    if (cause instanceof WireFailure) return cause;
    cause = 'lastError' in cause ? cause.lastError : cause.cause;
  }
  return undefined;
}
