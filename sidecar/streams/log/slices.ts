/**
 * So many streams at once, where something is done for all of them time and again: a thousand in one go would keep the
 * event loop, or Redis, from everybody else for tens of milliseconds.
 */
export const SLICE = 64;

export function* slicesOf<Item>(items: readonly Item[], size = SLICE): Generator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
