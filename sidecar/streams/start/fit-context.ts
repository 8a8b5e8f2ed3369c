import type { Message } from '../../../shared/messages.ts';

/** Roughly, in any language: what a token is differs by model, and this errs on the side of too many. */
const CHARS_PER_TOKEN = 3;
/** The part of a context that is left to the answer. */
const ANSWER_SHARE = 0.25;

/** How many characters of messages, as the JSON of their parts, fit a context. */
export const contextChars = (contextTokens: number): number => contextTokens * CHARS_PER_TOKEN * (1 - ANSWER_SHARE);

/**
 * The index of the first message that the model is shown, so that all from there on fit its context. The question, the
 * last one, is always shown.
 *
 * @param sizes oldest first; `chars`: of the JSON of a message's parts
 */
export function fitContext(
  sizes: readonly { role: Message['role']; chars: number }[],
  contextTokens: number | undefined,
): number {
  if (contextTokens === undefined) return 0;
  let left = contextChars(contextTokens);
  let from = sizes.length;
  while (from > 0) {
    left -= sizes[from - 1]!.chars;
    if (left < 0 && from < sizes.length) break;
    from -= 1;
  }
  // A conversation begins with a person's message.
  while (from > 0 && from < sizes.length - 1 && sizes[from]!.role !== 'user') from += 1;
  return from;
}
