import type { Chunk, OpenPart } from '../../../shared/stream/fold.ts';
import { withThoughtMs } from '../../../shared/thought-time.ts';

/**
 * Measures how long a model thinks, for "Thought for 3 s". Some providers end a thought only together with the answer,
 * so its time is over with the first word that follows it.
 */
export interface ThoughtClock {
  /** Returns the chunk, or for the end of a thought that began here the same chunk with the time in its metadata. */
  timed(chunk: Chunk): Chunk;
}

/**
 * @param open the parts that have begun and not ended. A thought's last metadata must be in its end too, because the
 *   newest replaces all before it: a provider's signature may have come earlier.
 */
export function createThoughtClock(open: () => readonly OpenPart[], now: () => number): ThoughtClock {
  /** By part: when it began, and when the next word came. */
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
