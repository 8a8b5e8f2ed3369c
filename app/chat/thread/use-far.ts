import { useMemo, useState } from 'react';
import { messageText } from '../../../shared/chat/message-text.ts';
import type { Turn } from '~/chat/conversation.ts';

/** When the page is opened, this many messages at the end of the chat count as near the end. */
const NEAR = 10;
/** A message whose text has fewer characters than this is never far, because a short text costs little to lay out. */
const MIDDLE = 500;
const LONG = 2_000;

/** How long the text of a far answer is. Until the browser lays out the answer, its height is estimated from this length. */
export type Far = 'middle' | 'long';

/**
 * Tells for each message of the branch whether the message is far from the end of the chat; `undefined`: not far. The browser lays
 * out a far answer only when the reader scrolls to the answer. Messages that are near when the page is opened stay near, and messages
 * that come later are near, too. So no answer becomes far while the chat grows.
 */
export function useFar(branch: readonly Turn[]): readonly (Far | undefined)[] {
  const [firstNear] = useState(() => branch.at(-NEAR)?.message.id);
  return useMemo(() => {
    const nearFrom = branch.findIndex(({ message }) => message.id === firstNear);
    return branch.slice(0, Math.max(0, nearFrom)).map(({ message }) => farOf(messageText(message).length));
  }, [branch, firstNear]);
}

function farOf(length: number): Far | undefined {
  if (length < MIDDLE) return undefined;
  return length < LONG ? 'middle' : 'long';
}
