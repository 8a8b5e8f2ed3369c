import type { Chunk, MessageFold } from '../../../shared/stream/fold.ts';
import { ModelError } from '../../models/model.ts';
import { createContinuedText } from '../../models/text/continued-text.ts';

export interface ContinuationOptions {
  /** The message so far. Its last open text is continued; its other open texts and its open reasoning are ended. */
  fold: MessageFold;
  /** Prefix for the part ids of the new call. It makes them differ from the part ids of earlier calls. */
  epoch: string;
  /** True if the model may repeat the last words of the partial answer, or begin another answer instead of continuing it. */
  repeats: boolean;
}

/**
 * PROTOCOL.md 7.4: a new model call continues a partial answer. `opening` has the chunks that are written to the log first: they
 * end open reasoning, and all open texts but the last. `map` turns each chunk of the new call into the chunks to write:
 * - the call's `start` and, inside an open step, its first `start-step` are dropped;
 * - if the call begins with text, this text continues the open text part, and repeated text is left out;
 * - new reasoning becomes a new part;
 * - the ids of reasoning and of other texts get the epoch as a prefix.
 *
 * Finished steps and tool results are already in the log and do not change.
 *
 * `map` throws a ModelError with `continuationRefused` if the text begins another answer. None of that text is returned.
 */
export function createContinuation({ fold, epoch, repeats }: ContinuationOptions): {
  map(chunk: Chunk): Chunk[];
  opening: Chunk[];
} {
  const openText = fold.open.findLast((part) => part.kind === 'text');
  const opening = fold.open
    .filter((part) => part.kind === 'reasoning' || (part.kind === 'text' && part !== openText))
    .map((part): Chunk => ({ type: `${part.kind}-end`, id: part.id }));
  let isFirstStep = fold.inStep;
  /** The id of the new call's first text part while that part is added to the open text part; otherwise `null`. */
  let adopted: string | null = null;
  let hasAdopted = openText === undefined;
  const textSoFar = openText === undefined ? '' : String(openText.part.text);
  /** Removes repeated text from the new text; `null` if the new text is passed on unchanged. */
  let continued = repeats && openText !== undefined ? createContinuedText(textSoFar) : null;

  const prefixed = (id: unknown) => `${epoch}:${String(id)}`;
  const idOf = (chunk: Chunk) =>
    openText !== undefined && adopted === String(chunk.id) ? openText.id : prefixed(chunk.id);
  const delta = (chunk: Chunk, text: string): Chunk[] =>
    text === '' ? [] : [{ ...chunk, id: idOf(chunk), delta: text }];
  const flush = (): Chunk[] => {
    if (continued === null || openText === undefined) return [];
    const text = joined(continued.flush());
    continued = null;
    return text === '' ? [] : [{ type: 'text-delta', id: openText.id, delta: text }];
  };
  /** Ends the text part that was open, if the new call begins with something other than text. */
  const leaveOpenText = (): Chunk[] => {
    if (hasAdopted || openText === undefined) return [];
    hasAdopted = true;
    return [{ type: 'text-end', id: openText.id }];
  };

  function map(chunk: Chunk): Chunk[] {
    switch (chunk.type) {
      case 'start':
        return [];
      case 'start-step':
        if (isFirstStep) {
          isFirstStep = false;
          return [];
        }
        return [chunk];
      case 'text-start':
        if (!hasAdopted) {
          hasAdopted = true;
          adopted = String(chunk.id);
          return [];
        }
        return [{ ...chunk, id: prefixed(chunk.id) }];
      case 'text-delta':
        if (continued !== null && adopted === String(chunk.id)) {
          return delta(chunk, joined(continued.take(String(chunk.delta))));
        }
        return delta(chunk, String(chunk.delta));
      case 'text-end': {
        const rest = adopted === String(chunk.id) ? flush() : [];
        const ended = { ...chunk, id: idOf(chunk) };
        if (adopted === String(chunk.id)) adopted = null;
        return [...rest, ended];
      }
      case 'text-was-thought':
        // The model reports that a text was reasoning. Text that continues a part of an earlier call stays text.
        return openText !== undefined && adopted === String(chunk.id) ? [] : [{ ...chunk, id: prefixed(chunk.id) }];
      case 'reasoning-start':
        return [...leaveOpenText(), { ...chunk, id: prefixed(chunk.id) }];
      case 'reasoning-delta':
      case 'reasoning-end':
        return [{ ...chunk, id: prefixed(chunk.id) }];
      case 'finish-step':
        return [...flush(), ...leaveOpenText(), chunk];
      case 'finish':
        return [...flush(), chunk];
      default:
        return chunk.type.startsWith('tool-') ? [...leaveOpenText(), chunk] : [chunk];
    }
  }

  return { map, opening };
}

function joined(text: string | null): string {
  if (text !== null) return text;
  throw new ModelError('The model began another answer instead of going on with this one.', {
    code: 'answer_cut',
    retryable: true,
    continuationRefused: true,
  });
}
