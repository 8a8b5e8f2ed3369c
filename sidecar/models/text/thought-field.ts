import type { Chunk } from '../../../shared/stream/fold.ts';
import { CLOSINGS, isComplete, keptBack, OPENINGS } from './thinking-tags.ts';

/** Removes tags from thoughts that the server sends in a field of their own. Some servers leave the tags in this field. */
export function createThoughtField() {
  let held = '';
  let hasBegun = false;
  return {
    take(chunk: Chunk): Chunk[] {
      held += String(chunk.delta);
      if (!hasBegun) {
        const text = held.trimStart();
        const lower = text.slice(0, 64).toLowerCase();
        const opening = OPENINGS.find((tag) => lower.startsWith(tag) && isComplete(text, tag));
        if (opening !== undefined) held = text.slice(opening.length).trimStart();
        hasBegun = opening !== undefined || !(text === '' || OPENINGS.some((tag) => tag.startsWith(lower)));
      }
      const bare = held.trimEnd();
      const tag = keptBack(bare, CLOSINGS);
      const kept = hasBegun ? (tag === 0 ? 0 : tag + held.length - bare.length) : held.length;
      const delta = held.slice(0, held.length - kept);
      held = held.slice(delta.length);
      return delta === '' && chunk.providerMetadata === undefined ? [] : [{ ...chunk, delta }];
    },
    /** The text that is still held back at the end, unless it is a closing tag. */
    rest: (): string => (CLOSINGS.includes(held.trim().toLowerCase()) ? '' : held),
  };
}
