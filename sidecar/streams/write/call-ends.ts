import type { Chunk } from '../../../shared/stream/fold.ts';
import type { End } from '../end/end-frames.ts';

/** How an answer ends after its last model call. The texts are for the person who reads the answer. */
export const TOO_LONG: End = {
  outcome: 'error',
  error: { code: 'too_long', text: 'The answer became too long and was ended here.' },
};

export const NO_FIRST_WORD: End = {
  outcome: 'error',
  error: {
    code: 'no_first_word',
    text: 'The model did not begin to answer in time. It may still be loading, or the conversation may be too long for it. You can try again, or start a new chat.',
  },
};

export const TOO_SLOW: End = {
  outcome: 'error',
  error: {
    code: 'too_slow',
    text: 'The answer took too long and was ended here. You can go on from here, or try again.',
  },
};

export const STALLED: End = {
  outcome: 'error',
  error: { code: 'stalled', text: 'The model stopped answering. You can try again.' },
};

/** The end of a call that the model itself has ended. `finish`: its last chunk. */
export function completed(finish: Chunk | null): End {
  const finishReason = typeof finish?.finishReason === 'string' ? finish.finishReason : undefined;
  return { outcome: 'completed', error: null, finishReason, messageMetadata: finish?.messageMetadata };
}
