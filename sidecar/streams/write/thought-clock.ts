import type { Chunk, OpenPart } from '../../../shared/stream/fold.ts';
import { withThoughtMs } from '../../../shared/chat/thought-time.ts';

/**
 * Measures how long a model thinks, for "Thought for 3 s" on the page. The time ends with the thought. If a text or a tool call begins
 * before the thought has ended, the time ends there: some providers end a thought only together with the answer.
 */
export interface ThoughtClock {
  /** Returns the chunk. If the chunk ends a thought whose beginning this clock has seen, the time is added to the chunk's metadata. */
  timed(chunk: Chunk): Chunk;
}

/**
 * @param open the parts that have begun and not ended. The metadata of a chunk replaces all earlier metadata of its part. So if the
 *   chunk that ends a thought brings no metadata, it gets the part's earlier metadata, such as a provider's signature.
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
