import { createFormulas } from './formulas/formula-converter.ts';
import { normalizeLabel, type Definition } from './inline/link-parts.ts';
import { parseInline } from './inline/parse-inline.ts';
import type { Block } from './blocks/block.ts';
import { ENGLISH_LABELS, type AnswerLabels } from './labels.ts';
import type { MarkdownText } from './parse-markdown.ts';
import { fill } from '~/words/words.ts';
import { element, type Attributes, type View } from './view.ts';

/** Reads the blocks of one text in order, and resolves their references. */
export interface Reader {
  readonly labels: AnswerLabels;
  inline(text: string, growing: boolean): readonly View[];
  formula(view: View): readonly View[];
  headingLevel(level: number): number;
  /** Calls `read`, which reads the block. Returns the labels of links and footnotes in the block that have no definition so far. */
  missingIn(block: Block, read: () => void): ReadonlySet<string>;
  /** Footnotes in the order in which they are shown. `backTo`: the id of the first reference to the footnote; `null`: there is none. */
  notes(): { block: Block; number: number; id: string; backTo: string | null }[];
}

export interface ReaderOptions {
  /** Prefix of the ids of footnotes, because ids must be unique on the page. */
  idPrefix: string;
  /** True if more of the text may follow. */
  isGrowing(): boolean;
  /** Default: English. */
  labels?: AnswerLabels;
}

const NOTHING: ReadonlySet<string> = new Set();

export function createReader(
  { blocks }: MarkdownText,
  { idPrefix, isGrowing, labels = ENGLISH_LABELS }: ReaderOptions,
): Reader {
  const numbers = new Map<string, number>();
  /**
   * The first reference to each footnote (`[^1]`): the key is the number of the footnote, the value is the line in which the block
   * with this reference begins. Only this reference has the id to which the footnote links back.
   */
  const firstMarks = new Map<number, number>();
  /** The level of the first heading. A heading of this level is shown as h3, because the page has its own h1 and h2. */
  let topLevel: number | null = null;
  let missing: Set<string> | null = null;
  let line = 0;
  let marked: Set<number> | null = null;

  function numberOf(label: string): number {
    const number = numbers.get(label) ?? numbers.size + 1;
    numbers.set(label, number);
    return number;
  }

  function definition(label: string): Definition | undefined {
    const found = blocks.definitions.get(label);
    if (!found) (missing ??= new Set()).add(label);
    return found;
  }

  function footnote(label: string): View | undefined {
    const isDefined = blocks.footnotes.has(label);
    if (!isDefined) (missing ??= new Set()).add(`^${label}`);
    // Models write footnotes last. So while the text grows, `[^1]` is shown as a raised number before its footnote has arrived.
    if (!isDefined && !(isGrowing() && /^\d{1,3}$/.test(label))) return undefined;
    const number = numberOf(label);
    if (!isDefined) return element('sup', undefined, [String(number)]);
    if (!firstMarks.has(number)) firstMarks.set(number, line);
    const isFirst = firstMarks.get(number) === line && !marked?.has(number);
    (marked ??= new Set()).add(number);
    const href = `#${idPrefix}note-${number}`;
    const attributes: Attributes = isFirst ? { href, id: `${idPrefix}ref-${number}` } : { href };
    return element('sup', undefined, [element('a', attributes, [String(number)])]);
  }

  const context = { definition, footnote, image: (name: string) => fill(labels.image, { name }) };
  const convert = createFormulas();
  return {
    inline: (text, growing) => convert(parseInline(text, context, growing && isGrowing())),
    labels,
    formula: (view) => convert([view]),
    headingLevel(level) {
      topLevel ??= level;
      return Math.min(6, Math.max(0, level - topLevel) + 3);
    },
    missingIn(block, read) {
      missing = null;
      marked = null;
      line = block.startLine;
      read();
      return missing ?? NOTHING;
    },
    notes() {
      const seen = new Set<Block>();
      for (const label of [...blocks.footnotes.keys()]) if (numbers.has(label)) seen.add(blocks.footnotes.get(label)!);
      // Footnotes without a reference are shown after the others.
      const all = blocks.notes.map((block) => {
        const label = normalizeLabel(block.label);
        const isReferred = seen.has(block);
        const number = isReferred ? numberOf(label) : null;
        return { block, number };
      });
      let next = Math.max(0, ...all.map(({ number }) => number ?? 0));
      return all
        .map(({ block, number }) => ({ block, isReferred: number !== null, number: number ?? (next += 1) }))
        .toSorted((a, b) => a.number - b.number)
        .map(({ block, number, isReferred }) => ({
          block,
          number,
          id: `${idPrefix}note-${number}`,
          backTo: isReferred ? `${idPrefix}ref-${number}` : null,
        }));
    },
  };
}
