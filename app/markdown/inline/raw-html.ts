import { isAsciiAlphanumeric } from './characters.ts';

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);
const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** The end of the HTML tag that begins at `at`, or -1. */
export function tagEnd(text: string, at: number): number {
  return text[at + 1] === '/' ? closingTagEnd(text, at) : openTagEnd(text, at);
}

function closingTagEnd(text: string, at: number): number {
  const name = tagNameEnd(text, at + 2);
  if (name < 0) return -1;
  const end = skipSpace(text, name);
  return text[end] === '>' ? end + 1 : -1;
}

function openTagEnd(text: string, at: number): number {
  let end = tagNameEnd(text, at + 1);
  if (end < 0) return -1;
  for (;;) {
    const afterSpace = skipSpace(text, end);
    if (text[afterSpace] === '>') return afterSpace + 1;
    if (text[afterSpace] === '/') return text[afterSpace + 1] === '>' ? afterSpace + 2 : -1;
    const name = afterSpace > end ? attributeNameEnd(text, afterSpace) : -1;
    if (name < 0) return -1;
    end = name;
    const equals = skipSpace(text, name);
    if (text[equals] !== '=') continue;
    end = attributeValueEnd(text, skipSpace(text, equals + 1));
    if (end < 0) return -1;
  }
}

function tagNameEnd(text: string, at: number): number {
  if (!isLetter(text.charCodeAt(at))) return -1;
  let end = at + 1;
  while (isAsciiAlphanumeric(text.charCodeAt(end)) || text[end] === '-') end += 1;
  return end;
}

function attributeNameEnd(text: string, at: number): number {
  if (!isLetter(text.charCodeAt(at)) && text[at] !== '_' && text[at] !== ':') return -1;
  let end = at + 1;
  while (isAsciiAlphanumeric(text.charCodeAt(end)) || '_.:-'.includes(text[end] ?? ' ')) end += 1;
  return end;
}

function attributeValueEnd(text: string, at: number): number {
  const quote = text[at];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, at + 1);
    return end < 0 ? -1 : end + 1;
  }
  let end = at;
  while (end < text.length && !isSpace(text.charCodeAt(end)) && !`"'=<>\``.includes(text[end]!)) end += 1;
  return end === at ? -1 : end;
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (isSpace(text.charCodeAt(end))) end += 1;
  return end;
}

/** Other constructs that begin with `<`. The search for `closing` begins `offset` characters after the beginning of `opening`. */
const MARKUP: readonly [opening: string, closing: string, offset: number][] = [
  ['<!--', '-->', 2],
  ['<?', '?>', 2],
  ['<![CDATA[', ']]>', 9],
  ['<!', '>', 2],
];

/** Finds the ends of comments, instructions and declarations. A search without success is never repeated. */
export function createMarkupFinder(text: string): (at: number) => number {
  const absentFrom = new Map<string, number>();
  return (at) => {
    const found = MARKUP.find(([opening]) => text.startsWith(opening, at));
    if (!found) return -1;
    const [opening, closing, offset] = found;
    if (opening === '<!' && !isLetter(text.charCodeAt(at + 2))) return -1;
    if (opening === '<!--') {
      if (text.startsWith('<!-->', at)) return at + 5;
      if (text.startsWith('<!--->', at)) return at + 6;
    }
    if (at >= (absentFrom.get(closing) ?? Infinity)) return -1;
    const end = text.indexOf(closing, at + offset);
    if (end < 0) absentFrom.set(closing, at);
    return end < 0 ? -1 : end + closing.length;
  };
}
