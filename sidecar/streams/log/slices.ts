/**
 * Number of streams per slice, for work that is repeated for all streams. A slice of a thousand streams would block the event
 * loop, or Redis, for tens of milliseconds.
 */
const SLICE = 64;

export function* slicesOf<Item>(items: readonly Item[], size = SLICE): Generator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
