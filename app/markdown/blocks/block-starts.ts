import { unescapeText } from '../inline/entities.ts';
import type { FenceData, ListData, TableData } from './block.ts';

/** The functions here recognize lines that begin or end a block. `at`: the position of the line's first non-blank character. */

const isBlank = (code: number): boolean => code === 32 || code === 9;

/** The level of a heading such as `## Title`, and its text. */
export function headingAt(text: string, at: number): { level: number; text: string } | null {
  let end = at;
  while (text[end] === '#') end += 1;
  const level = end - at;
  if (level === 0 || level > 6 || (end < text.length && !isBlank(text.charCodeAt(end)))) return null;
  let to = text.length;
  const trim = () => {
    while (to > end && isBlank(text.charCodeAt(to - 1))) to -= 1;
  };
  trim();
  let hashes = to;
  while (hashes > end && text[hashes - 1] === '#') hashes -= 1;
  if (hashes < to && (hashes === end || isBlank(text.charCodeAt(hashes - 1)))) {
    to = hashes;
    trim();
  }
  return { level, text: text.slice(end, to).trimStart() };
}

export function fenceAt(text: string, at: number, indent: number): FenceData | null {
  const sign = text[at]!;
  if (sign !== '`' && sign !== '~') return null;
  let end = at;
  while (text[end] === sign) end += 1;
  if (end - at < 3) return null;
  const info = text.slice(end).trim();
  return sign === '`' && info.includes('`') ? null : { sign, length: end - at, indent, info: unescapeText(info) };
}

export function isFenceEnd(text: string, at: number, { sign, length }: FenceData): boolean {
  let end = at;
  while (text[end] === sign) end += 1;
  return end - at >= length && text.slice(end).trim() === '';
}

/** True for a line that is shown as a rule: `---`, `* * *` and the like. */
export function isRule(text: string, at: number): boolean {
  const sign = text[at]!;
  if (sign !== '*' && sign !== '-' && sign !== '_') return false;
  let count = 0;
  for (let end = at; end < text.length; end += 1) {
    if (text[end] === sign) count += 1;
    else if (!isBlank(text.charCodeAt(end))) return false;
  }
  return count >= 3;
}

/**
 * A line of `=` or `-` makes the text above it a heading. Returns the level of this heading, or `null` if the line has other
 * characters.
 */
export function underlineAt(text: string, at: number): 1 | 2 | null {
  const sign = text[at]!;
  if (sign !== '=' && sign !== '-') return null;
  let end = at;
  while (text[end] === sign) end += 1;
  return text.slice(end).trim() === '' ? (sign === '=' ? 1 : 2) : null;
}

/** The marker of a list item, and its length. */
export function markerAt(text: string, at: number): (ListData & { length: number }) | null {
  const sign = text[at]!;
  const isBullet = sign === '-' || sign === '*' || sign === '+';
  let end = at;
  while (end - at < 9 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
  const isOrdered = end > at && (text[end] === '.' || text[end] === ')');
  if (!isBullet && !isOrdered) return null;
  const after = end + 1;
  if (after < text.length && !isBlank(text.charCodeAt(after))) return null;
  return {
    isOrdered,
    start: isOrdered ? Number(text.slice(at, end)) : 0,
    sign: text[end]!,
    isLoose: false,
    length: after - at,
  };
}

/** The label of a footnote's definition `[^label]: text`, and the length of `[^label]:`. */
export function footnoteAt(text: string, at: number): { label: string; length: number } | null {
  if (text[at] !== '[' || text[at + 1] !== '^') return null;
  const end = text.slice(0, at + 104).indexOf(']:', at + 2);
  const label = end < 0 ? '' : text.slice(at + 2, end);
  return label === '' || /[\s[\]]/.test(label) ? null : { label, length: end + 2 - at };
}

const BLOCK_TAGS = new Set(
  (
    'address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt ' +
    'fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link ' +
    'main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead ' +
    'title tr track ul'
  ).split(' '),
);
const RAW_TAGS = new Set(['script', 'pre', 'textarea', 'style']);

/** Which of CommonMark's seven kinds of HTML block begins here (1 to 7), or 0. `tagEnd` finds the end of a tag. */
export function htmlKindAt(text: string, at: number, tagEnd: (text: string, at: number) => number): number {
  if (text[at] !== '<') return 0;
  if (text.startsWith('<!--', at)) return 2;
  if (text[at + 1] === '?') return 3;
  if (text.startsWith('<![CDATA[', at)) return 5;
  if (text[at + 1] === '!') return /[a-z]/i.test(text[at + 2] ?? '') ? 4 : 0;
  const isClosing = text[at + 1] === '/';
  const name = /^[a-z][a-z\d-]{0,19}/i.exec(text.slice(at + (isClosing ? 2 : 1), at + 24))?.[0].toLowerCase() ?? '';
  const after = text[at + (isClosing ? 2 : 1) + name.length] ?? '\n';
  if (!isClosing && RAW_TAGS.has(name) && /[\s>]/.test(after)) return 1;
  if (BLOCK_TAGS.has(name) && (/[\s>]/.test(after) || text.startsWith('/>', at + (isClosing ? 2 : 1) + name.length)))
    return 6;
  const end = tagEnd(text, at);
  return end > 0 && text.slice(end).trim() === '' ? 7 : 0;
}

/** The `htmlKind` of an HTML block once the mark that ends it has come: the block ends with the line that has the mark. */
export const ENDS_WITH_LINE = 8;
const HTML_ENDS = [null, /<\/(?:script|pre|textarea|style)>/i, /-->/, /\?>/, />/, /\]\]>/, null, null, /^/];

/** True if the line ends an HTML block of kinds 1 to 5. Kinds 6 and 7 end before an empty line instead. */
export const endsHtml = (line: string, kind: number): boolean => HTML_ENDS[kind]?.test(line) ?? false;

/** Maximum number of columns of a table. Lines with more columns stay a paragraph. */
const MAX_COLUMNS = 100;

/**
 * The table with the header line `header` and the line `dashes` below it. `null` if `dashes` is not a line like `|---|:-:|`, or if
 * the numbers of cells in the two lines differ.
 */
export function tableOf(header: string, dashes: string): TableData | null {
  const line = dashes.trim();
  if (!line.includes('-') || /[^|:\- \t]/.test(line)) return null;
  // A table of one column needs no `|` in this line. But `---` alone is the underline of a heading.
  if (!line.includes('|') && !(line.includes(':') && header.includes('|'))) return null;
  const cells = splitRow(line);
  if (cells.length > MAX_COLUMNS || splitRow(header).length !== cells.length) return null;
  if (!cells.every((cell) => /^:?-+:?$/.test(cell))) return null;
  const align = cells.map((cell) => {
    const isLeft = cell.startsWith(':');
    return cell.endsWith(':') ? (isLeft ? 'center' : 'right') : isLeft ? 'left' : null;
  });
  return { header, align, isPresumed: false };
}

/** The cells of a row. Text beyond the last column stays in the last cell, so that no word is lost. */
export function splitRow(row: string, columns = Infinity): string[] {
  const line = row.trim();
  const cells: string[] = [];
  let from = line.startsWith('|') ? 1 : 0;
  for (let at = from; at <= line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '|' && cells.length < columns - 1) {
      cells.push(line.slice(from, at));
      from = at + 1;
    }
  }
  const last = line.slice(from);
  if (last.trim() !== '' || cells.length === 0) cells.push(withoutLastPipe(last));
  return cells.map((cell) => cell.trim().replace(/\\([^])/g, (escape, sign) => (sign === '|' ? '|' : escape)));
}

const withoutLastPipe = (cell: string): string => {
  const trimmed = cell.trimEnd();
  return /(?:^|[^\\])(?:\\\\)*\|$/.test(trimmed) ? trimmed.slice(0, -1) : trimmed;
};
