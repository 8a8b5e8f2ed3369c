import { splitRow } from './blocks/block-starts.ts';
import type { TableData } from './blocks/block.ts';
import { longestWord } from './blocks/longest-word.ts';

/** The widths that columns can have, in characters. `answer.css` has a class for each of them: `w3`, `w4` and so on. */
const WIDTHS = [3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 24, 30] as const;
const MAX_TEXT = 30;
/** A column with a longer word is this wide on a phone, too. */
const MAX_PHONE_WORD = 14;
/** The width of the page, and of the space between two columns, in characters. */
const PAGE_WIDTH = 71;
const SPACE = 1.5;
/** The letters of a header are bold, and wider than others. */
const BOLD = 1.1;

interface Columns {
  firstRow: string;
  longestWords: TableData['longestWords'];
  heads: readonly string[];
  /** The classes of the cells of each column. `long`: the longest word of the column has more than {@link MAX_PHONE_WORD} characters. */
  classes: readonly string[];
}

/** A cache, because each row of a table that continues another one needs the classes. */
const columns = new WeakMap<TableData, Columns>();

export function columnsOf(table: TableData, firstRow: string): Columns {
  const { header, align, longestWords } = table;
  const known = columns.get(table);
  if (known?.firstRow === firstRow && known.longestWords === longestWords) return known;
  const heads = splitRow(header, align.length);
  const classes = columnClasses(heads, splitRow(firstRow, align.length), longestWords ?? []);
  const made = { firstRow, longestWords, heads, classes };
  columns.set(table, made);
  return made;
}

/**
 * Each column is as wide as its longest word. It is also as wide as the texts in its header and in the first row, as far as all
 * columns fit on the page. The browser gives the rest of the width to the columns in proportion. Long texts in later rows do not
 * count: if a row changes a width, the rows above it move while somebody reads them.
 */
function columnClasses(
  header: readonly string[],
  firstRow: readonly string[],
  longestWords: readonly number[],
): readonly string[] {
  const words = header.map((head, index) => Math.max(longestWord(head) * BOLD, longestWords[index] ?? 0));
  const texts = header.map((head, index) => Math.max(lengthOf(head) * BOLD, lengthOf(firstRow[index] ?? '')));
  const widthsWith = (maxText: number) =>
    words.map((word, index) => widthFor(Math.max(word, Math.min(texts[index]!, maxText))));
  const fits = (widths: readonly number[]) => widths.reduce((sum, width) => sum + width + SPACE, 0) <= PAGE_WIDTH;
  const maxText = WIDTHS.findLast((width) => fits(widthsWith(width))) ?? WIDTHS[0];
  return widthsWith(maxText).map((width, index) => (words[index]! > MAX_PHONE_WORD ? `w${width} long` : `w${width}`));
}

const widthFor = (length: number): number => WIDTHS.find((width) => width >= length) ?? MAX_TEXT;

/** The number of characters of a cell without the URLs of links, up to `MAX_TEXT`. A Chinese or Japanese character counts twice. */
function lengthOf(cell: string): number {
  let length = 0;
  const lastClosing = cell.lastIndexOf(')');
  for (let at = 0; at < cell.length && length < MAX_TEXT; at += 1) {
    if (cell.startsWith('](', at) && at + 1 < lastClosing) at = cell.indexOf(')', at);
    else length += cell.charCodeAt(at) >= 0x2e80 ? 2 : 1;
  }
  return length;
}
