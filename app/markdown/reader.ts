import { createFormulas } from './formulas/formula-converter.ts';
import { normalizeLabel, type Definition } from './inline/link-parts.ts';
import { parseInline } from './inline/parse-inline.ts';
import type { Block } from './blocks/block.ts';
import { ENGLISH_LABELS, type AnswerLabels } from './labels.ts';
import { createNoteNumbers, type NoteNumbers } from './note-numbers.ts';
import type { MarkdownText } from './parse-markdown.ts';
import { fill } from '~/words/words.ts';
import { element, textOfViews, type Attributes, type View } from './view.ts';

/** Reads the blocks of one text in order, and resolves their references. */
export interface Reader {
  readonly labels: AnswerLabels;
  /** The numbers of the footnotes to which the blocks read so far refer. */
  readonly numbers: NoteNumbers;
  /** True if a reference to a link was shown as text because of `MAX_REFERENCES`. */
  readonly isOverLimit: boolean;
  /** The id of a footnote. */
  noteId(number: number): string;
  /** The id of the first link to a footnote. */
  markId(number: number): string;
  inline(text: string, growing: boolean): readonly View[];
  formula(view: View): readonly View[];
  headingLevel(level: number): number;
  /** Calls `read`, which reads the block. Returns the labels of links and footnotes in the block that have no definition so far. */
  missingIn(block: Block, read: () => void): ReadonlySet<string>;
}

export interface ReaderOptions {
  /** Prefix of the ids of footnotes, because ids must be unique on the page. */
  idPrefix: string;
  /** True if more of the text may follow. */
  isGrowing(): boolean;
  /** Default: English. */
  labels?: AnswerLabels;
  /** Default: true. If false, no link to a footnote gets an id, because blocks are not read in the order of the text. */
  hasMarkIds?: boolean;
}

/**
 * Maximum number of characters that all references to links (`[label]`) of a text get from their definitions. Without this limit,
 * a text of 20 kB that refers to one long address again and again would become megabytes of HTML. Further references stay text.
 */
const MAX_REFERENCES = 100_000;
const NOTHING: ReadonlySet<string> = new Set();

export function createReader(
  { blocks }: MarkdownText,
  { idPrefix, isGrowing, labels = ENGLISH_LABELS, hasMarkIds = true }: ReaderOptions,
): Reader {
  const numbers = createNoteNumbers(blocks);
  /** The level of the first heading. A heading of this level is shown as h3, because the page has its own h1 and h2. */
  let topLevel: number | null = null;
  let missing: Set<string> | null = null;
  let hasMarks = false;
  /** Number of characters for `MAX_REFERENCES` in the finished blocks, and in the block that is read. */
  let spentBefore = 0;
  let spent = 0;
  let isOverLimit = false;
  const noteId = (number: number) => `${idPrefix}note-${number}`;
  const markId = (number: number) => `${idPrefix}ref-${number}`;

  function definition(label: string): Definition | undefined {
    const found = blocks.definitions.get(label);
    if (!found) {
      (missing ??= new Set()).add(label);
      return undefined;
    }
    spent += found.href.length + found.title.length;
    if (spentBefore + spent <= MAX_REFERENCES) return found;
    isOverLimit = true;
    return undefined;
  }

  function footnote(source: string): View | undefined {
    const label = normalizeLabel(source);
    const isDefined = blocks.footnotes.has(label);
    if (!isDefined) (missing ??= new Set()).add(`^${label}`);
    // Models write footnotes last. So while the text grows, `[^1]` is shown as a raised number before its footnote has arrived.
    if (!isDefined && !(isGrowing() && /^\d{1,3}$/.test(label))) return undefined;
    hasMarks = true;
    return element('sup', undefined, [`[^${source}]`]);
  }

  /**
   * Replaces the sources of references to footnotes with numbers. This is done after the whole text is parsed, because only then it
   * is known which references are shown. For example, a reference in the name of an image is not.
   */
  const withNumbers = (views: readonly View[], isInLink: boolean): View[] =>
    views.map((view) => {
      if (typeof view === 'string') return view;
      if (view.tag === 'sup') return numbered(textOfViews(view.children).slice(2, -1), isInLink);
      return { ...view, children: withNumbers(view.children, isInLink || view.tag === 'a') };
    });

  function numbered(source: string, isInLink: boolean): View {
    const label = normalizeLabel(source);
    const number = numbers.numberOf(label);
    const shown = String(number);
    if (isInLink || !blocks.footnotes.has(label)) return element('sup', undefined, [shown]);
    const href = `#${noteId(number)}`;
    const attributes: Attributes = numbers.refer(number) && hasMarkIds ? { href, id: markId(number) } : { href };
    return element('sup', undefined, [element('a', attributes, [shown])]);
  }

  const context = { definition, footnote, image: (name: string) => fill(labels.image, { name }) };
  const convert = createFormulas();
  return {
    labels,
    numbers,
    get isOverLimit() {
      return isOverLimit;
    },
    noteId,
    markId,
    inline(text, growing) {
      hasMarks = false;
      const views = parseInline(text, context, growing && isGrowing());
      return convert(hasMarks ? withNumbers(views, false) : views);
    },
    formula: (view) => convert([view]),
    headingLevel(level) {
      topLevel ??= level;
      return Math.min(6, Math.max(0, level - topLevel) + 3);
    },
    missingIn(block, read) {
      missing = null;
      spent = 0;
      read();
      // An unfinished block is read again and again, but counts once.
      if (block.isSettled || (!block.isOpen && block.kind !== 'row')) spentBefore += spent;
      return missing ?? NOTHING;
    },
  };
}
