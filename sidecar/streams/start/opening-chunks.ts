import type { Chunk } from '../../../shared/stream/fold.ts';
import type { StoredMessage } from '../../../shared/chat/messages.ts';
import { unfold } from '../../../shared/stream/unfold.ts';

/**
 * The first chunks of a log. They build an empty message or, if an answer is continued, the partial answer. If the last part of the
 * partial answer is a text, that part stays open, so that the model can add to it.
 *
 * @param dropped the number of older messages that the model does not get
 */
export function openingChunks(messageId: string, partial: StoredMessage | null, dropped: number): Chunk[] {
  const metadata = dropped > 0 ? { droppedMessages: dropped } : undefined;
  if (partial === null) return [{ type: 'start', messageId, ...(metadata ? { messageMetadata: metadata } : {}) }];
  // Some partial answers have no steps, for example an answer that a client sent to an older release. A step is put around their
  // parts. Otherwise the new model call would begin a step after the open text, and then add to that text, which is outside the step.
  const hasSteps = partial.parts.some(({ type }) => type === 'step-start');
  const parts = hasSteps ? partial.parts : [{ type: 'step-start' }, ...partial.parts];
  const last = parts.at(-1);
  const open = last?.type === 'text' ? [{ kind: 'text' as const, id: `p${parts.length - 1}`, part: last }] : [];
  return unfold({ id: messageId, role: 'assistant', parts, metadata }, { open, inStep: open.length > 0 });
}
