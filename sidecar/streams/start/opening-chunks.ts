import type { Chunk } from '../../../shared/stream/fold.ts';
import type { StoredMessage } from '../../../shared/messages.ts';
import { unfold } from '../../../shared/stream/unfold.ts';

/** The beginning of a log: an empty message, or the message to be continued. If its last part is a text, that part stays open. */
export function openingChunks(messageId: string, partial: StoredMessage | null, dropped: number): Chunk[] {
  const metadata = dropped > 0 ? { droppedMessages: dropped } : undefined;
  if (partial === null) return [{ type: 'start', messageId, ...(metadata ? { messageMetadata: metadata } : {}) }];
  // A partial answer may have no steps, for example one that a client sent to an older release. Its text must be in a step.
  // Otherwise the first step of the new model call would begin after the text, and the call would continue the text outside it.
  const hasSteps = partial.parts.some(({ type }) => type === 'step-start');
  const parts = hasSteps ? partial.parts : [{ type: 'step-start' }, ...partial.parts];
  const last = parts.at(-1);
  const open = last?.type === 'text' ? [{ kind: 'text' as const, id: `p${parts.length - 1}`, part: last }] : [];
  return unfold({ id: messageId, role: 'assistant', parts, metadata }, { open, inStep: open.length > 0 });
}
