/**
 * Drops what a model says again when it goes on from a partial answer: the longest end of that answer which the new
 * text begins with.
 *
 *     const trimmer = createOverlapTrimmer('…the brown fox jumps');
 *     trimmer.take('fox ');           // ''      it may be an overlap
 *     trimmer.take('jumps over the'); // ' over the'
 *     trimmer.take(' dog');           // ' dog'
 *
 * Text is held back only while it may still be an overlap, and so never more than the partial answer has. An overlap
 * counts from {@link MIN_OVERLAP_BYTES} of letters and digits on, or if the partial answer has not even that many and
 * is said again whole: shorter ones, table rules and indentation come about by chance, and a doubled word harms less
 * than a lost one.
 */
export interface OverlapTrimmer {
  /** The part of the new text that is to be shown now; often empty at first. */
  take(delta: string): string;
  /** What is still held back, when the new text has ended. */
  flush(): string;
  /** Something was left out: the new text surely goes on with the partial one. */
  readonly hasTrimmed: boolean;
}

/** In UTF-8, so that a sign of a script that writes words in few signs weighs what a syllable does. */
const MIN_OVERLAP_BYTES = 8;
/** How far from its end an overlap may begin, apart from the very beginning. Bounds the work on monotonous text. */
const MAX_OVERLAP_CHARS = 4096;

/** `partial`: the text of the answer so far. The end of it will do, but then a model that begins anew is not noticed. */
export function createOverlapTrimmer(partial: string): OverlapTrimmer {
  const enough = Math.min(MIN_OVERLAP_BYTES, weight(partial));
  let held = '';
  /** Where in the partial answer the held text may have begun; undefined before there is any. */
  let starts: number[] | undefined;
  /** The longest overlap found, in characters. */
  let overlap = 0;
  let decided = enough === 0;
  let hasTrimmed = false;

  function hold(unit: string): void {
    const at = held.length;
    held += unit;
    const alive: number[] = [];
    for (const start of starts ?? possibleStarts(partial)) {
      if (partial[start + at] !== unit) continue;
      if (start + at + 1 < partial.length) alive.push(start);
      else if (overlap > 0 || weight(held) >= enough) overlap = held.length;
    }
    starts = alive;
    decided = alive.length === 0;
  }

  function release(rest: string): string {
    const text = held.slice(overlap) + rest;
    decided = true;
    if (overlap > 0) hasTrimmed = true;
    held = '';
    overlap = 0;
    return text;
  }

  return {
    take(delta) {
      let next = 0;
      while (!decided && next < delta.length) hold(delta[next++]!);
      return decided ? release(delta.slice(next)) : '';
    },
    flush: () => release(''),
    get hasTrimmed() {
      return hasTrimmed;
    },
  };
}

function possibleStarts(partial: string): number[] {
  const from = Math.max(0, partial.length - MAX_OVERLAP_CHARS);
  const starts = Array.from({ length: partial.length - from }, (_, index) => from + index);
  return from > 0 ? [0, ...starts] : starts;
}

const weight = (text: string): number => Buffer.byteLength((text.match(/[\p{L}\p{N}]+/gu) ?? []).join(''));
