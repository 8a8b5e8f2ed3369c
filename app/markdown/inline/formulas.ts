import type { View } from '../view.ts';

export interface Formula {
  /** `null`: the formula has no end (yet). The text up to `end` is shown unchanged. */
  tex: string | null;
  isDisplay: boolean;
  end: number;
}

/** A formula with more characters is shown as text: no readable formula is that long, and the conversion would take too long. */
export const MAX_FORMULA = 2_000;

/** Maximum length of an unfinished formula. If it becomes longer, its text is parsed as normal text. */
const MAX_OPEN = 500;

/** A text of at most 200 characters in one line between two dollar signs. A longer text is usually about money. */
const IN_DOLLARS = /\$(?![\s$])((?:[^$\\\n`]|\\[^\n]){1,200})\$(?![\w$])/y;

/** Finds formulas in `\( \)`, `\[ \]`, `$$ $$` and `$ $`. A search without success is never repeated. */
export function createFormulaFinder(text: string): (at: number, growing: boolean) => Formula | null {
  const absentFrom = new Map<string, number>();
  const closedFrom = new Map<string, Uint8Array>();
  return (at, growing) => {
    if (text[at] === '$' && text[at + 1] !== '$') return inDollars(text, at);
    const opening = text.slice(at, at + 2);
    const closing = opening === '\\(' ? '\\)' : opening === '\\[' ? '\\]' : opening === '$$' ? '$$' : null;
    if (closing === null || (closing === '$$' && (text[at - 1] === '$' || text[at + 2] === '$'))) return null;
    const isKnownAbsent = at >= (absentFrom.get(closing) ?? Infinity);
    const end = isKnownAbsent ? -1 : closingAt(text, at + 2, closing);
    if (end < 0) {
      if (!isKnownAbsent) absentFrom.set(closing, at);
      return unclosed(at, closing, growing);
    }
    const tex = text.slice(at + 2, end).trim();
    if (end - at > MAX_FORMULA || !/[\p{L}\p{N}]/u.test(tex)) return null;
    return { tex, isDisplay: closing !== '\\)', end: end + 2 };
  };

  function unclosed(at: number, closing: string, growing: boolean): Formula | null {
    // In `\[a]`, the unescaped `]` belongs to the `[`, so the backslash only makes this `[` literal. In `\(f(x)`, the unescaped `)`
    // belongs to the second `(`, so the `\(` may begin a formula.
    if (closing !== '$$' && isClosedFrom(at + 2, closing[1] as ')' | ']')) return null;
    if (growing && text.length - at <= MAX_OPEN) return { tex: null, isDisplay: false, end: text.length };
    // The opening `\(` or `\[` is shown with its backslash, so that the reader sees that a formula was meant.
    return closing === '$$' ? null : { tex: null, isDisplay: false, end: at + 2 };
  }

  function isClosedFrom(at: number, closing: ')' | ']'): boolean {
    let isClosed = closedFrom.get(closing);
    if (!isClosed) closedFrom.set(closing, (isClosed = surplusOf(closing, text)));
    return isClosed[at] === 1;
  }
}

/**
 * For each position: 1 if the text from this position on has an unescaped closing bracket whose opening bracket is before this
 * position or missing.
 */
function surplusOf(closing: ')' | ']', text: string): Uint8Array {
  const opening = closing === ')' ? '(' : '[';
  const isClosed = new Uint8Array(text.length + 1);
  const signs = [...text.matchAll(/\\[^]|[()[\]]/g)];
  let surplus = 0;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (signs.at(-1)?.index === at) {
      const [sign] = signs.pop()!;
      if (sign === closing) surplus += 1;
      else if (sign === opening && surplus > 0) surplus -= 1;
    }
    isClosed[at] = surplus > 0 ? 1 : 0;
  }
  return isClosed;
}

/**
 * A formula like `$x^2$`. Dollar signs are also written before amounts of money and names, so the text must look like a formula:
 *
 *     "$x$", "$O(n \log n)$", "$100$"               formulas
 *     "$5 and $6", "$5, or 3$", "($5+$)"           text
 *     "$HOME/$USER", "${a}${b}", "$(a)$(b)"        text
 */
function inDollars(text: string, at: number): Formula | null {
  if (/[\w$]/.test(text[at - 1] ?? '')) return null;
  IN_DOLLARS.lastIndex = at;
  const tex = IN_DOLLARS.exec(text)?.[1];
  if (tex === undefined || /\s$/.test(tex) || !/[\p{L}\p{N}]/u.test(tex)) return null;
  const isPlain = !/[\\^_=<>{}+]/.test(tex);
  if (isPlain && (/\p{L}{3}/u.test(tex) || /^\d.*\s/.test(tex))) return null;
  const end = at + tex.length + 2;
  if (isAmount(tex) || VARIABLE.test(tex) || text[end] === '{') return null;
  if (text[end] === '(' && /^\(|[=:/+,.-]$/.test(tex)) return null;
  return { tex, isDisplay: false, end };
}

/** `{HOME}`, as in `${HOME}`. */
const VARIABLE = /^\{[a-z_]\w*\}(?![_^])/i;

/** An amount of money that does not go on like a formula: `5+`, `10_000`, `5,000 + tax`, `5M+ and`, `5/`. */
const AMOUNT = /^(?:[\d,.]*(?:_\d|\+(?![\w(]))|[\d,.+]*[\s;].*\p{L}{2}|.*\s\p{L}{3}|.*[-+*/,.;:~–]$)/u;

const isAmount = (tex: string): boolean => /^\d/.test(tex) && !/[\\^=]/.test(tex) && AMOUNT.test(tex);

/** The position of the closing mark; -1 if there is none. A backslash and the character after it are one unit in TeX. */
export function closingAt(text: string, from: number, closing: string): number {
  for (let at = from; at < text.length - 1; at += 1) {
    if (text[at] === closing[0] && text[at + 1] === closing[1]) return at;
    if (text[at] === '\\') at += 1;
  }
  return -1;
}

/** A formula as its source. Where the converter is loaded, it replaces the source with MathML. */
export const formulaView = (source: string, tex: string, isDisplay: boolean): View => ({
  tag: 'span',
  attributes: { class: isDisplay ? 'formula display' : 'formula', 'data-tex': tex },
  children: [source],
  opaque: true,
});
