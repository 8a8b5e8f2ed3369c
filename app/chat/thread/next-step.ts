import { STREAM_ERRORS, type NextStep } from '../../../shared/stream-error-codes.ts';
import type { StoredMessage } from '../../../shared/messages.ts';

/** What helps after an answer that did not come to its end. */
export interface Helps {
  continue: boolean;
  retry: boolean;
  otherModel: boolean;
  rephrase: boolean;
  newChat: boolean;
}

/** Started again or reached again, these work with the same model. */
const MAY_BE_BACK: ReadonlySet<string> = new Set(['unreachable', 'not_a_model_server']);

/** Decides by how the answer ended and why: what would only fail again is not offered. */
export function whatHelps(
  { status, errorCode }: Pick<StoredMessage, 'status' | 'errorCode'>,
  { hasText, cutOff }: { hasText: boolean; cutOff: boolean },
): Helps {
  const failed = status === 'error';
  const next = failed ? nextStepOf(errorCode) : null;
  const again = next === 'retry' || next === 'wait';
  return {
    continue: hasText && (status === 'cancelled' || again || (status === 'completed' && cutOff)),
    retry: again || (failed && errorCode !== undefined && MAY_BE_BACK.has(errorCode)),
    otherModel: next === 'other-model' || next === 'operator' || next === 'rephrase',
    rephrase: next === 'rephrase',
    newChat: next === 'shorten',
  };
}

/** A code that is not known, or is missing on an older answer, may be worth another try. */
const nextStepOf = (code: string | undefined): NextStep =>
  code !== undefined && Object.hasOwn(STREAM_ERRORS, code)
    ? STREAM_ERRORS[code as keyof typeof STREAM_ERRORS].next
    : 'retry';
