import { splitRow } from './blocks/block-starts.ts';
import type { TableData } from './blocks/block.ts';
import { longestWord } from './blocks/longest-word.ts';

const MAX_NARROW_TEXT = 4;
const MIN_WIDE_TEXT = 25;
/** A longer word would be broken in a column of the usual width. */
const MAX_USUAL_WORD = 8;
/** A longer word would be broken in a column with the width `word`. */
const MAX_LONG_WORD = 13;
/** If more columns than this have long texts, no column is wide. */
const MAX_WIDE = 2;
/** In a table with more columns than this, no column gets the rest of the width: there may be no rest, and the table is scrolled. */
const MAX_FITTING = 4;

/** A class of the cells of a column (answer.css). `''`: the usual width. `long`: for words with up to 24 characters. */
export type ColumnWidth = '' | 'narrow' | 'word' | 'long' | 'wide' | 'rest';

interface Columns {
  firstRow: string;
  longestWords: TableData['longestWords'];
  heads: readonly string[];
  widths: readonly ColumnWidth[];
}

/** A cache, because each row of a table that continues another one needs the widths. */
const columns = new WeakMap<TableData, Columns>();

export function columnsOf(table: TableData, firstRow: string): Columns {
  const { header, align, longestWords } = table;
  const known = columns.get(table);
  if (known?.firstRow === firstRow && known.longestWords === longestWords) return known;
  const heads = splitRow(header, align.length);
  const widths = columnWidths(heads, splitRow(firstRow, align.length), longestWords ?? []);
  const made = { firstRow, longestWords, heads, widths };
  columns.set(table, made);
  return made;
}

/**
 * The width of each column, from the lengths of its header, of its cell in the first row, and of its longest word. Nothing else in the later
 * rows is considered: if a row changes a width, the rows above it move while somebody reads them. Beside a narrow column, the
 * widest columns share the rest of the width, so that the narrow one stays narrow.
 */
function columnWidths(
  header: readonly string[],
  firstRow: readonly string[],
  longestWords: readonly number[],
): readonly ColumnWidth[] {
  const widths = header.map((head, index): ColumnWidth => {
    const first = firstRow[index] ?? '';
    const length = Math.max(lengthOf(head), lengthOf(first));
    const word = Math.max(longestWord(head), longestWords[index] ?? 0);
    if (word > MAX_LONG_WORD) return 'long';
    if (length >= MIN_WIDE_TEXT) return 'wide';
    if (word > MAX_USUAL_WORD) return 'word';
    const isNarrow = word <= MAX_NARROW_TEXT && first !== '' && length <= MAX_NARROW_TEXT;
    return ROW_NUMBER.test(head) || isNarrow ? 'narrow' : '';
  });
  const hasWide = widths.filter((width) => width === 'wide').length <= MAX_WIDE && widths.includes('wide');
  const bounded = widths.map((width) => (width === 'wide' && !hasWide ? 'word' : width));
  if (bounded.length > MAX_FITTING || !bounded.includes('narrow') || bounded.includes('long')) return bounded;
  const widest = (['wide', 'word'] as const).find((width) => bounded.includes(width)) ?? '';
  return bounded.map((width) => (width === widest ? 'rest' : width));
}

/** The header of a column that numbers the rows. */
const ROW_NUMBER = /^(?:#|№|No\.|Nr\.|序号)$/;

/**
 * The number of characters of a cell without the URLs of links, counted only up to `MIN_WIDE_TEXT`. A Chinese or Japanese character
 * counts twice.
 */
function lengthOf(cell: string): number {
  let length = 0;
  const lastClosing = cell.lastIndexOf(')');
  for (let at = 0; at < cell.length && length < MIN_WIDE_TEXT; at += 1) {
    if (cell.startsWith('](', at) && at + 1 < lastClosing) at = cell.indexOf(')', at);
    else length += cell.charCodeAt(at) >= 0x2e80 ? 2 : 1;
  }
  return length;
}
