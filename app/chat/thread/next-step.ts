import { STREAM_ERRORS, type NextStep } from '../../../shared/stream/stream-error-codes.ts';
import type { StoredMessage } from '../../../shared/chat/messages.ts';

/** Actions that may help after an answer that did not end well. */
export interface Helps {
  continue: boolean;
  retry: boolean;
  otherModel: boolean;
  rephrase: boolean;
  newChat: boolean;
}

/** Errors that `STREAM_ERRORS` leaves to the operator. The model server may come back by itself, so a retry is offered, too. */
const MAY_BE_BACK: ReadonlySet<string> = new Set(['unreachable', 'not_a_model_server']);

/** Chooses the actions by how and why the answer ended. */
export function whatHelps(
  { status, errorCode }: Pick<StoredMessage, 'status' | 'errorCode'>,
  { hasText, cutOff }: { hasText: boolean; cutOff: boolean },
): Helps {
  const failed = status === 'error';
  // The chat of an answer that is gone was most likely deleted, so every further request would fail.
  const next = failed && errorCode !== 'gone' ? nextStepOf(errorCode) : null;
  const again = next === 'retry' || next === 'wait';
  return {
    continue:
      hasText && (status === 'cancelled' || status === 'partial' || again || (status === 'completed' && cutOff)),
    retry: again || (failed && errorCode !== undefined && MAY_BE_BACK.has(errorCode)),
    otherModel: next === 'other-model' || next === 'operator' || next === 'rephrase',
    rephrase: next === 'rephrase',
    newChat: next === 'shorten',
  };
}

/** If the code is unknown, or missing because the answer is old, another try may help. */
const nextStepOf = (code: string | undefined): NextStep =>
  code !== undefined && Object.hasOwn(STREAM_ERRORS, code)
    ? STREAM_ERRORS[code as keyof typeof STREAM_ERRORS].next
    : 'retry';
