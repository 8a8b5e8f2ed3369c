import type { Block } from './blocks/block.ts';
import { normalizeLabel } from './inline/link-parts.ts';
import type { MarkdownText } from './parse-markdown.ts';

/** Identifies a footnote: its normalized label, or its block if an earlier footnote has the same label. */
export type NoteKey = string | Block;

/** The numbers of the footnotes of a text. Footnotes are numbered in the order in which the text refers to them. */
export interface NoteNumbers {
  /** The footnotes in the order of their numbers. The first one has the number 1. A label may be undefined while the text grows. */
  readonly order: readonly NoteKey[];
  /** The number of a footnote. If it has none so far, it gets the next number. */
  numberOf(key: NoteKey): number;
  keyOf(block: Block): NoteKey;
  find(key: NoteKey): number | undefined;
  /** Notes a link to a footnote. Returns `true` for the first link. The footnote links back to this one. */
  refer(number: number): boolean;
  isReferred(number: number): boolean;
  /**
   * All footnotes, in the order in which they are shown. A footnote may refer to further ones, so the caller must read the references
   * in each footnote before it takes the next. Footnotes without a reference come after the others.
   */
  inOrder(): Generator<{ block: Block; number: number }>;
}

export function createNoteNumbers({ footnotes, notes }: MarkdownText['blocks']): NoteNumbers {
  const order: NoteKey[] = [];
  const numbers = new Map<NoteKey, number>();
  const referred = new Set<number>();

  function keyOf(block: Block): NoteKey {
    const label = normalizeLabel(block.label);
    return footnotes.get(label) === block ? label : block;
  }

  function numberOf(key: NoteKey): number {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, order.push(key));
    return order.length;
  }

  return {
    order,
    numberOf,
    keyOf,
    find: (key) => numbers.get(key),
    refer(number) {
      const isFirst = !referred.has(number);
      referred.add(number);
      return isFirst;
    },
    isReferred: (number) => referred.has(number),
    *inOrder() {
      const shown = new Set<Block>();
      /** All footnotes before this index are shown. */
      let first = 0;
      for (let at = 0; shown.size < notes.length; at += 1) {
        if (at === order.length) {
          while (shown.has(notes[first]!)) first += 1;
          numberOf(keyOf(notes[first]!));
        }
        const key = order[at]!;
        const block = typeof key === 'string' ? footnotes.get(key) : key;
        if (!block || shown.has(block)) continue;
        shown.add(block);
        yield { block, number: at + 1 };
      }
    },
  };
}
