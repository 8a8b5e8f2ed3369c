export const KIB = 1024;

/** A text of exactly `length` characters that repeats `pattern`. */
export const repeated = (pattern: string, length: number): string =>
  pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);

/**
 * The CPU time in ms that `work` takes. Work that takes `enough` ms or longer is measured up to three times, because a garbage
 * collection may have slowed it. The shortest time is returned.
 */
export function cpuMs(work: () => void, enough: number): number {
  let best = Infinity;
  for (let turn = 0; turn < 3 && best >= enough; turn += 1) {
    const before = process.cpuUsage();
    work();
    best = Math.min(best, process.cpuUsage(before).user / 1000);
  }
  return best;
}

/** How deep the elements of an HTML text are nested. */
export function depthOf(html: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [tag] of html.matchAll(/<\/?[a-z][^>]*>/g)) {
    if (/^<(?:br|hr|input)\b/.test(tag)) continue;
    depth += tag.startsWith('</') ? -1 : 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
