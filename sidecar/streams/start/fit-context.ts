import type { Message } from '../../../shared/messages.ts';

/**
 * An estimate for any model. English has about 4 characters per token, so too many tokens are counted rather than too few.
 * Chinese and Japanese have one or two, so for them too few are counted.
 */
const CHARS_PER_TOKEN = 3;
/** The share of a context that is left for the answer. */
const ANSWER_SHARE = 0.25;

/** The number of characters (of messages' parts as JSON) that fit into a context. */
export const contextChars = (contextTokens: number): number => contextTokens * CHARS_PER_TOKEN * (1 - ANSWER_SHARE);

/**
 * The index of the first message that is sent to the model, so that all messages from there on fit into its context. The
 * question, which is the last message, is always sent.
 *
 * @param sizes oldest first; `chars`: the length of a message's parts as JSON
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
  // The history must begin with a person's message.
  while (from > 0 && from < sizes.length - 1 && sizes[from]!.role !== 'user') from += 1;
  return from;
}
