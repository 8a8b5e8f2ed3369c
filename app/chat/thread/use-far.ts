import { useState } from 'react';
import { messageText } from '../../../shared/message-text.ts';
import type { Turn } from '~/chat/conversation.ts';

/** The number of messages at the end that are always laid out. */
const NEAR = 10;
/** The texts of this length and more: a short one costs little. */
const MIDDLE = 500;
const LONG = 2_000;

/** The length of an answer that is far from the end. A browser guesses its height from this until it is near the screen. */
export type Far = 'middle' | 'long';

/**
 * Tells which answers are far from the end of the chat, so that a browser need not lay them out. The last `NEAR` messages of the
 * page as it was opened, and all that come after them, never are. So nothing changes for an answer while the chat grows.
 */
export function useFar(branch: readonly Turn[]): (index: number) => Far | undefined {
  const [firstNear] = useState(() => branch.at(-NEAR)?.message.id);
  const nearFrom = branch.findIndex(({ message }) => message.id === firstNear);
  return (index) => {
    const turn = index < nearFrom ? branch[index] : undefined;
    const length = turn ? messageText(turn.message).length : 0;
    if (length < MIDDLE) return undefined;
    return length < LONG ? 'middle' : 'long';
  };
}
