/**
 * Removes the text that a model repeats when it continues a partial answer: the longest end of that answer with which
 * the new text begins.
 *
 *     const trimmer = createOverlapTrimmer('…the brown fox jumps');
 *     trimmer.take('fox ');           // ''      it may be an overlap
 *     trimmer.take('jumps over the'); // ' over the'
 *     trimmer.take(' dog');           // ' dog'
 *
 * Text is held back only while it may still be an overlap, so the held text is never longer than the partial answer. An
 * overlap counts if it has at least {@link MIN_OVERLAP_BYTES} of letters and digits. If the whole partial answer has fewer, an
 * overlap counts only if it contains all letters and digits of the partial answer. Shorter overlaps, table rules and indentation
 * may be a coincidence, and a doubled word does less harm than a lost one.
 */
export interface OverlapTrimmer {
  /** The text to show now; often empty at first. */
  take(delta: string): string;
  /** The text that is still held back at the end. */
  flush(): string;
  /** True if an overlap was removed. Then the new text surely continues the partial answer. */
  readonly hasTrimmed: boolean;
}

/** In UTF-8 bytes, because one Chinese character says more than one Latin letter. */
const MIN_OVERLAP_BYTES = 8;
/**
 * An overlap may begin only at the start of the partial answer or within this many characters of its end. The limit bounds
 * the work on monotonous text.
 */
const MAX_OVERLAP_CHARS = 4096;

/** @param partial the text of the answer so far */
export function createOverlapTrimmer(partial: string): OverlapTrimmer {
  const enough = Math.min(MIN_OVERLAP_BYTES, weight(partial));
  let held = '';
  /** The indices in the partial answer at which the held text may begin; undefined before the first character. */
  let starts: number[] | undefined;
  /** The length of the longest overlap found so far, in characters. */
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
