import { closingAt } from '../inline/formulas.ts';

/** A display formula with more characters than this is shown as text. */
const MAX_LENGTH = 2_000;

/** The mark that ends the display formula at the beginning of `text`; `null` if there is no formula. */
const closingOf = (text: string): string | null =>
  text.startsWith('$$') ? '$$' : text.startsWith('\\[') ? '\\]' : null;

/**
 * True if a display formula begins with `line` and does not end in it. `$$` and `\[` also occur in normal text, so the rest of
 * the line must look like a formula: it has a sign of TeX, or no word of three letters.
 *
 * @param paragraph the text of the paragraph above the line, if there is one
 */
export function beginsFormula(line: string, paragraph: string): boolean {
  const closing = closingOf(line);
  const tex = line.slice(2);
  if (closing === null || tex.startsWith('$') || closingAt(line, 2, closing) >= 0) return false;
  // The `$$` may end a formula that began within the paragraph.
  if (closing === '$$' && paragraph.slice(-MAX_LENGTH).split('$$').length % 2 === 0) return false;
  // In `\[a]`, the backslash only makes the `[` literal.
  if (closing === '\\]' && /^[^[\]]*\]/.test(tex)) return false;
  return /[\\^={}]/.test(tex) || !/\p{L}{3}/u.test(tex);
}

/** True if the open formula `text` may go on with `line`. It may have blank lines, but no prose after a blank line. */
export const goesOnWith = (text: string, line: string): boolean =>
  text.length <= MAX_LENGTH && (!text.endsWith('\n') || !isProse(line));

/** True for a line that begins another block, or that has two words outside of commands. */
const isProse = (line: string): boolean =>
  /^(?:#|>|\||`{3}|~{3})/.test(line) ||
  (line.replace(/\\(?:text|mbox|operatorname)\w*\{[^}]*\}?/g, '').match(/(?<![\\\p{L}])\p{L}{3,}/gu)?.length ?? 0) > 1;

/** How `line` ends the open formula `text`. `within`: more text follows in the same line. */
export function endOfFormula(text: string, line: string): 'none' | 'within' | 'line end' {
  const end = closingAt(line, 0, closingOf(text)!);
  return end < 0 ? 'none' : end === line.length - 2 ? 'line end' : 'within';
}
