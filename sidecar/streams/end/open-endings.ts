import type { Chunk, MessageFold } from '../../../shared/stream/fold.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';

/** The chunks that end open parts, so that no reader is left with a part that never ends. */
export function endingsOf(fold: MessageFold, outcome: StreamOutcome): Chunk[] {
  const endings = fold.open.map(({ kind, id, part }): Chunk => {
    if (kind !== 'tool') return { type: `${kind}-end`, id };
    const errorText =
      outcome === 'cancelled' ? 'Stopped before this was done.' : 'The answer ended before this was done.';
    if (part.state !== 'input-streaming') return { type: 'tool-output-error', toolCallId: id, errorText };
    const toolName = part.type === 'dynamic-tool' ? part.toolName : part.type.slice('tool-'.length);
    return { type: 'tool-input-error', toolCallId: id, toolName, input: null, errorText };
  });
  if (fold.inStep) endings.push({ type: 'finish-step' });
  return endings;
}
