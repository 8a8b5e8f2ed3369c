import type { Block } from './block.ts';

/**
 * Saves everything that a line may change: the open blocks, their last children, and the definitions of links and footnotes.
 * Returns a function that restores all of this.
 */
export function snapshot(open: readonly Block[], maps: readonly Map<string, unknown>[], notes: Block[]): () => void {
  const kept = open.map((block) => {
    const last = block.children.at(-1);
    return { block, fields: { ...block }, last, lastFields: last && { ...last }, length: block.children.length };
  });
  // When indented code ends, its empty chunks are removed. So all of its chunks are saved.
  const code = open.at(-1)!;
  const chunks = code.kind === 'code' && !code.fence ? [...code.children] : [];
  const sizes = maps.map(({ size }) => size);
  const noteCount = notes.length;
  return () => {
    for (const { block, fields, last, lastFields, length } of kept) {
      Object.assign(block, fields);
      block.children.length = Math.min(block.children.length, length);
      if (last) block.children[length - 1] = Object.assign(last, lastFields);
    }
    chunks.forEach((chunk, index) => (code.children[index] = chunk));
    notes.length = noteCount;
    maps.forEach((map, index) => {
      if (map.size === sizes[index]) return;
      for (const key of [...map.keys()].slice(sizes[index])) map.delete(key);
    });
  };
}
