import type { Chunk, OpenPart } from '../../../shared/stream/fold.ts';
import { withThoughtMs } from '../../../shared/thought-time.ts';

/**
 * Measures how long a model thinks, for "Thought for 3 s" on the page. The time ends with the thought, or with the first text or
 * tool call after its beginning: some providers end a thought only together with the answer.
 */
export interface ThoughtClock {
  /** Returns the chunk. If it ends a thought whose beginning this clock has seen, the time is added to its metadata. */
  timed(chunk: Chunk): Chunk;
}

/**
 * @param open the parts that have begun and not ended. New metadata of a part replaces its earlier metadata. So the end of a
 *   thought repeats what came before, such as a provider's signature.
 */
export function createThoughtClock(open: () => readonly OpenPart[], now: () => number): ThoughtClock {
  /** By part id. `ended`: the time at which a text or a tool call followed the thought; `null` before that. */
  const thoughts = new Map<unknown, { began: number; ended: number | null }>();

  function endAll(): void {
    for (const thought of thoughts.values()) thought.ended ??= now();
  }

  function timed(chunk: Chunk): Chunk {
    switch (chunk.type) {
      case 'reasoning-start':
        thoughts.set(chunk.id, { began: now(), ended: null });
        return chunk;
      case 'text-start':
      case 'tool-input-start':
        endAll();
        return chunk;
      case 'reasoning-end': {
        const thought = thoughts.get(chunk.id);
        thoughts.delete(chunk.id);
        if (!thought) return chunk;
        const part = open().find(({ kind, id }) => kind === 'reasoning' && id === String(chunk.id))?.part;
        const ms = Math.max(0, Math.round((thought.ended ?? now()) - thought.began));
        return { ...chunk, providerMetadata: withThoughtMs(chunk.providerMetadata ?? part?.providerMetadata, ms) };
      }
      default:
        return chunk;
    }
  }
  return { timed };
}
