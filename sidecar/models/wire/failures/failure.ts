import type { StreamErrorCode } from '../../../../shared/stream/stream-errors.ts';

/** What is known about a failed call. It contains no text of the provider, because such text may contain the prompt or a key. */
export interface Failure {
  code: StreamErrorCode;
  /** The HTTP status. For an error in the middle of a stream: the status that the provider wrote into the error. */
  status?: number;
  /** A code from our own tables (`insufficient_quota`), a code of Node (`ECONNREFUSED`), or fixed words (`too large`). Safe to log. */
  detail?: string;
  /** How long the provider asks to wait before another try. */
  retryAfterMs?: number;
  /**
   * The part of the request that the provider rejected, if the provider names it: the offered tools, or the partial answer that the
   * model had to continue.
   */
  blames?: 'tools' | 'partial';
  /** True if the provider sent an error response whose body did not end in time. */
  isHanging?: boolean;
}

/** A failed call to a provider, before it is converted to a ModelError. Safe to log. */
export class WireFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super([failure.code, failure.status && `status ${failure.status}`, failure.detail].filter(Boolean).join(', '));
    this.name = 'WireFailure';
    this.failure = failure;
  }
}

/** Finds the WireFailure in an error, also inside the AI SDK's wrappers. */
export function wireFailureIn(error: unknown): WireFailure | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 6; depth += 1) {
    if (cause instanceof WireFailure) return cause;
    cause = 'lastError' in cause ? cause.lastError : cause.cause;
  }
  return undefined;
}
