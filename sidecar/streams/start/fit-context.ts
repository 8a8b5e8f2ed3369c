import type { Message } from '../../../shared/chat/messages.ts';

/**
 * An estimate for any model. English has about 4 characters per token, so the estimate counts too many tokens. Chinese and Japanese
 * have 1 or 2 characters per token, so for these languages it counts too few.
 */
const CHARS_PER_TOKEN = 3;
/** The share of a context that is left for the answer. */
const ANSWER_SHARE = 0.25;

/** The number of characters (of messages' parts as JSON) that fit into a context. */
export const contextChars = (contextTokens: number): number => contextTokens * CHARS_PER_TOKEN * (1 - ANSWER_SHARE);

/**
 * The index of the oldest message that is sent to the model. This message and all later ones fit into the model's context. The
 * question, which is the last message, is always sent, even if it does not fit.
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
