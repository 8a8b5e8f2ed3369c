import { ModelError } from './model.ts';
import type { Provider } from './provider.ts';
import { wireFailureIn, WireFailure, type Failure } from './wire/failures/failure.ts';
import { sentenceOf } from './wire/failures/sentences.ts';

/** Failures that may be gone a moment later. Too many requests and used-up quotas are not among them. */
const PASSING = new Set<Failure['code']>([
  'unreachable',
  'provider_overloaded',
  'provider_failed',
  'connection_lost',
  'answer_cut',
  'not_understood',
  'tool_call_failed',
  'empty_answer',
]);

/**
 * Makes a ModelError, with a code and one sentence for the person, from any error that a model call threw or reported in its
 * stream. A provider's text may contain the prompt or a key, so neither the text nor the error itself is kept. The `cause` of the
 * ModelError is a summary for the log.
 *
 * @param resuming the request ends with a partial answer, and the provider has not accepted the request yet
 */
export function toModelError(error: unknown, provider: Provider, { resuming }: { resuming: boolean }): ModelError {
  if (error instanceof ModelError) return error;
  const failure = wireFailureIn(error)?.failure ?? {
    code: 'not_understood',
    detail: error instanceof Error ? error.name : typeof error,
  };
  return modelErrorOf(failure, provider, { resuming });
}

export function modelErrorOf(failure: Failure, provider: Provider, { resuming = false } = {}): ModelError {
  return new ModelError(sentenceOf(failure, provider), {
    code: failure.code,
    retryable: PASSING.has(failure.code),
    continuationRefused: resuming && refusesPartial(failure),
    cause: new WireFailure(failure),
  });
}

/**
 * For a request that ends with a partial answer: true if the provider probably refused the request because of the partial
 * answer. Few servers say why they refuse a request, so a refusal without a reason counts, too.
 */
const refusesPartial = ({ code, status, blames }: Failure): boolean =>
  blames !== 'tools' &&
  (code === 'request_refused' || (blames === 'partial' && code === 'provider_failed')) &&
  (status === 400 || status === 422 || status === 500);
