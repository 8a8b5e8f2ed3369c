import { unescapeText } from './entities.ts';

export interface Definition {
  href: string;
  title: string;
}

/** Limits that CommonMark sets or allows. They also limit how far the text is scanned. */
const MAX_LABEL = 999;
const MAX_PARENTHESES = 32;
/** Maximum length of the address and title in a definition. A longer definition is shown as text. Any number of links may use it. */
const MAX_DEFINITION = 2_000;

/** `incomplete`: the text ends inside the link, and the rest of the link may still come. */
export type LinkTail = (Definition & { end: number }) | 'incomplete' | null;

/** The part after the text of an inline link: `(url "title")`. `at`: the position of the parenthesis. */
export function linkTailAt(text: string, at: number): LinkTail {
  let end = skipSpace(text, at + 1);
  if (end >= text.length) return 'incomplete';
  let href = '';
  if (text[end] !== ')') {
    const destination = destinationAt(text, end);
    if (!destination) return mayGoOn(text, end) ? 'incomplete' : null;
    href = destination.value;
    end = destination.end;
  }
  const afterSpace = skipSpace(text, end);
  let title = '';
  if (afterSpace > end) {
    const found = titleAt(text, afterSpace);
    if (found === 'incomplete') return 'incomplete';
    if (found) {
      title = found.value;
      end = skipSpace(text, found.end);
    } else end = afterSpace;
  }
  if (end >= text.length) return 'incomplete';
  return text[end] === ')' ? { href, title, end: end + 1 } : null;
}

/** True if a URL in angle brackets begins at `at` and the text ends before the closing bracket. */
const mayGoOn = (text: string, at: number): boolean => text[at] === '<' && !/[\n<>]/.test(text.slice(at + 1));

/** The URL of a link, in angle brackets or bare. `isOpen`: the text ends before a parenthesis in the URL is closed. */
function destinationAt(text: string, at: number): { value: string; end: number; isOpen: boolean } | null {
  if (text[at] === '<') {
    for (let end = at + 1; end < text.length; end += 1) {
      const character = text[end];
      if (character === '\\') end += 1;
      else if (character === '\n' || character === '<') return null;
      else if (character === '>') return { value: unescapeText(text.slice(at + 1, end)), end: end + 1, isOpen: false };
    }
    return null;
  }
  let depth = 0;
  let end = at;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 92 && end + 1 < text.length && text.charCodeAt(end + 1) > 32) end += 1;
    else if (code <= 32 || code === 127) break;
    else if (code === 40) {
      depth += 1;
      if (depth > MAX_PARENTHESES) return null;
    } else if (code === 41) {
      if (depth === 0) break;
      depth -= 1;
    }
  }
  if (depth !== 0 && end < text.length) return null;
  return end === at ? null : { value: unescapeText(text.slice(at, end)), end, isOpen: depth !== 0 };
}

const CLOSERS = new Map([
  ['"', '"'],
  ["'", "'"],
  ['(', ')'],
]);

/** The title of a link, in quotes or parentheses. */
function titleAt(text: string, at: number): { value: string; end: number } | 'incomplete' | null {
  const opener = text[at] ?? '';
  const closer = CLOSERS.get(opener);
  if (closer === undefined) return null;
  for (let end = at + 1; end < text.length; end += 1) {
    const character = text[end];
    if (character === '\\') end += 1;
    else if (character === closer) return { value: unescapeText(text.slice(at + 1, end)), end: end + 1 };
    else if (character === '(' && opener === '(') return null;
  }
  return 'incomplete';
}

/** The label between `[` at `at` and its `]`. */
export function labelAt(text: string, at: number): { label: string; end: number } | null {
  if (text[at] !== '[') return null;
  const last = Math.min(text.length, at + MAX_LABEL + 2);
  for (let end = at + 1; end < last; end += 1) {
    const character = text[end];
    if (character === '\\') end += 1;
    else if (character === '[') return null;
    else if (character === ']') return { label: text.slice(at + 1, end), end: end + 1 };
  }
  return null;
}

/** A label in the form for comparison: without case, and with single spaces. */
export const normalizeLabel = (label: string): string =>
  label.length > MAX_LABEL ? '' : label.trim().replace(/\s+/g, ' ').toLowerCase().toUpperCase();

/** A link reference definition that begins at `at`: `[label]: url "title"`. */
export function definitionAt(text: string, at: number): (Definition & { label: string; end: number }) | null {
  const label = labelAt(text, at);
  if (!label || text[label.end] !== ':' || label.label.trim() === '') return null;
  const from = skipSpace(text, label.end + 1);
  const destination = destinationAt(text, from);
  if (!destination || destination.isOpen) return null;
  const href = destination.value;
  const beforeTitle = skipSpace(text, destination.end);
  const title = beforeTitle > destination.end ? titleAt(text, beforeTitle) : null;
  const withTitle = title && title !== 'incomplete' ? { title: title.value, end: endOfLine(text, title.end) } : null;
  const { title: shown, end } =
    withTitle?.end != null ? withTitle : { title: '', end: endOfLine(text, destination.end) };
  if (end === null || href.length + shown.length > MAX_DEFINITION) return null;
  return { label: normalizeLabel(label.label), href, title: shown, end };
}

/** The position after the end of the line. `null` if the rest of the line is not blank. */
function endOfLine(text: string, at: number): number | null {
  let end = at;
  while (text[end] === ' ' || text[end] === '\t') end += 1;
  if (end >= text.length) return end;
  return text[end] === '\n' ? end + 1 : null;
}

/** The position after spaces, tabs and line ends. A paragraph has no blank lines, so there is at most one line end. */
function skipSpace(text: string, at: number): number {
  let end = at;
  while (end < text.length && (text[end] === ' ' || text[end] === '\t' || text[end] === '\n')) end += 1;
  return end;
}
