import { classAfter, isAsciiAlphanumeric, isCjkClass } from './characters.ts';
import { runAt } from './emphasis.ts';
import type { Run } from './tokens.ts';

export interface Autolink {
  start: number;
  end: number;
  text: string;
  href: string;
}

const MAX_SCHEME = 32;
const MAX_LOCAL_PART = 64;

/** An address in angle brackets that begins at `at`: `<https://example.org>`, `<me@example.org>`. */
export function bracketedAutolinkAt(text: string, at: number): Autolink | null {
  const close = closingBracket(text, at + 1);
  if (close < 0) return null;
  const inner = text.slice(at + 1, close);
  const isAddress = hasScheme(inner);
  if (!isAddress && !isEmail(inner)) return null;
  return { start: at, end: close + 1, text: inner, href: isAddress ? inner : `mailto:${inner}` };
}

function closingBracket(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 62) return end;
    if (code <= 32 || code === 60) return -1;
  }
  return -1;
}

function hasScheme(text: string): boolean {
  const colon = text.slice(0, MAX_SCHEME + 1).indexOf(':');
  return colon >= 2 && /^[a-z][a-z\d+.-]*$/i.test(text.slice(0, colon));
}

function isEmail(text: string): boolean {
  const at = text.indexOf('@');
  if (at < 1 || !/^[\w.!#$%&'*+/=?^`{|}~-]+$/.test(text.slice(0, at))) return false;
  const names = text.slice(at + 1).split('.');
  return names.every((name) => name.length <= 63 && /^[a-z\d][a-z\d-]*$/i.test(name) && !name.endsWith('-'));
}

/** True if `run` may close emphasis that marks before it have opened. */
export type IsOpen = (run: Run) => boolean;

/**
 * The bare address that contains the character at `at`. This character is the `:` of `https:`, the `.` of `www.`, or `@`. The address
 * must not begin before `from`.
 */
export function bareAutolinkAt(text: string, at: number, from: number, isOpen: IsOpen): Autolink | null {
  const sign = text[at];
  if (sign === '@') return emailAround(text, at, from);
  const start = sign === ':' ? schemeStart(text, at) : at - 3;
  if (start < from || start < 0 || isAsciiAlphanumeric(text.charCodeAt(start - 1))) return null;
  const isWww = sign === '.';
  if (isWww && text.slice(start, at).toLowerCase() !== 'www') return null;
  const end = addressEnd(text, isWww ? at + 1 : at + 3, isOpen);
  const address = text.slice(start, end);
  if (end <= (isWww ? at + 1 : at + 3) || (isWww && !address.slice(4).includes('.'))) return null;
  return { start, end, text: address, href: isWww ? `http://${address}` : address };
}

function schemeStart(text: string, colon: number): number {
  if (text[colon + 1] !== '/' || text[colon + 2] !== '/') return -1;
  if (text.slice(colon - 5, colon).toLowerCase() === 'https') return colon - 5;
  return text.slice(colon - 4, colon).toLowerCase() === 'http' ? colon - 4 : -1;
}

/** Non-ASCII spaces and punctuation, such as full-width signs. They end an address. */
const FOREIGN_SIGN = /[\s\p{P}\p{S}\p{Z}]/u;

/**
 * The end of an address. An address ends before a space, a `<`, a `]` without its `[`, non-ASCII punctuation, and before marks that
 * end emphasis. ASCII punctuation at its end, such as a full stop, belongs to the sentence around the address.
 */
function addressEnd(text: string, from: number, isOpen: IsOpen): number {
  if (!isAsciiAlphanumeric(text.charCodeAt(from)) && text.charCodeAt(from) < 128 && text[from] !== '[') return from;
  let end = from;
  let parentheses = 0;
  let brackets = 0;
  let isInHost = true;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code <= 32 || code === 60 || code === 127) break;
    if (code >= 128 && (!isInAddress(text, end) || (isInHost && isAfterHost(text, from, end)))) break;
    if (code === 47 || code === 63 || code === 35) isInHost = false;
    if (code === 42 || code === 95 || code === 126) {
      const marks = end;
      while (text.charCodeAt(end + 1) === code) end += 1;
      if (!isOpenAt(text, marks, end + 1, isOpen)) continue;
      end = marks;
      break;
    }
    if (code === 40) parentheses += 1;
    else if (code === 41) parentheses -= 1;
    else if (code === 91) brackets += 1;
    else if (code === 93) {
      if (brackets === 0) break;
      brackets -= 1;
    }
  }
  for (; end > from; end -= 1) {
    const last = text[end - 1]!;
    if ('?!.,:*_~\'"`'.includes(last)) continue;
    if (last === ')' && parentheses < 0) parentheses += 1;
    else if (last === ';') {
      const entity = entityStart(text, end, from);
      if (entity < 0) break;
      end = entity + 1;
    } else break;
  }
  return end;
}

function isInAddress(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  // The second half of a surrogate pair belongs to the first.
  if ((code & 0xfc00) === 0xdc00) return true;
  return !FOREIGN_SIGN.test(String.fromCodePoint(text.codePointAt(at)!));
}

/** A complete host, perhaps with a port, and marks after it. */
const HOST = /^[a-z\d-]+(?:\.[a-z\d-]+)*[.:][a-z\d]+[*_~]*$/i;
const MAX_HOST = 253;

/** True if a Chinese, Japanese or Korean word at `at` comes after a complete host, as in `https://example.com了解`. */
const isAfterHost = (text: string, from: number, at: number): boolean =>
  at - from <= MAX_HOST && isCjkClass(classAfter(text, at)) && HOST.test(text.slice(from, at));

/** True if the marks from `at` to `end` close emphasis around an address, as in `**https://example.com**。`. */
function isOpenAt(text: string, at: number, end: number, isOpen: IsOpen): boolean {
  if (end < text.length && /[\w/.-]/.test(text[end]!)) return false;
  const run = runAt(text, at, end);
  return run.canClose && isOpen(run);
}

function entityStart(text: string, end: number, from: number): number {
  let at = end - 2;
  const first = Math.max(from, end - 33);
  while (at >= first && isAsciiAlphanumeric(text.charCodeAt(at))) at -= 1;
  return at >= first && text[at] === '&' && at < end - 2 ? at : -1;
}

function emailAround(text: string, at: number, from: number): Autolink | null {
  let start = at;
  const first = Math.max(from, at - MAX_LOCAL_PART);
  while (start > first && isInEmail(text.charCodeAt(start - 1))) start -= 1;
  if (start === at || (start > 0 && isInEmail(text.charCodeAt(start - 1)))) return null;
  let end = at + 1;
  let dots = 0;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 46 && isAsciiAlphanumeric(text.charCodeAt(end + 1))) dots += 1;
    else if (!isAsciiAlphanumeric(code) && code !== 45 && code !== 95) break;
  }
  // The last part is a name such as `org`. So `react@18.2.0` and `root@192.168.1.1` are no addresses.
  if (dots === 0 || !/\.[a-z]{2,}$/i.test(text.slice(at, end))) return null;
  const address = text.slice(start, end);
  return { start, end, text: address, href: `mailto:${address}` };
}

const isInEmail = (code: number): boolean =>
  isAsciiAlphanumeric(code) || code === 46 || code === 43 || code === 45 || code === 95;
