/** Blanks, and the marks of lists, rules, headings, quotes, tables and fences. */
const SIGNS = /^(?:[-*+=_>#~`|: \t]|\d{1,9}[.)](?:[ \t]|$))*(?:\d{1,9}$)?/;
export const MAX_UNDECIDED = 200;

/**
 * True if `line`, the beginning of a line, does not yet decide the kind of block. For example, `-` may become a list item, a rule,
 * or the underline of a heading. `<pre` may become HTML or a word. Such a line is shown only when the kind is decided.
 */
export function isUndecided(line: string): boolean {
  const text = line.trim();
  if (text === '' || text.length > MAX_UNDECIDED) return text === '';
  if (/^[\s>]*(?:`{3,}[^`]*|~{3}.*)$/.test(text)) return true;
  const at = SIGNS.exec(text)![0].length;
  if (at === text.length || /^(?:\$\$?|\\\[?|<\/?(?:[a-z][a-z\d]*\/?)?)$/i.test(text.slice(at))) return true;
  // The check box of a task, or the beginning of a footnote.
  return (
    (/^\[(?:[ xX]?\]?|\^[^\]]{0,20}\]?)$/.test(text.slice(at)) && at > 0) || /^\[(?:\^[^\]\s]{0,20}\]?)?$/.test(text)
  );
}
