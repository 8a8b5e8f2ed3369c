import { decodeNamedCharacterReference } from 'decode-named-character-reference';
import { isEscapable } from './characters.ts';

const REFERENCE = /&(?:#[xX][0-9a-fA-F]{1,6}|#\d{1,7}|[a-zA-Z][a-zA-Z\d]{1,31});/y;

/** The character reference that begins at `at`, such as `&amp;`, decoded. */
export function referenceAt(text: string, at: number): { value: string; end: number } | null {
  REFERENCE.lastIndex = at;
  const reference = REFERENCE.exec(text)?.[0];
  if (reference === undefined) return null;
  const value = decode(reference.slice(1, -1));
  return value === null ? null : { value, end: at + reference.length };
}

function decode(name: string): string | null {
  if (!name.startsWith('#')) return decodeNamedCharacterReference(name) || null;
  const isHexadecimal = name[1] === 'x' || name[1] === 'X';
  const code = Number.parseInt(name.slice(isHexadecimal ? 2 : 1), isHexadecimal ? 16 : 10);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}

/** Replaces backslash escapes and character references with the characters that they mean, for example in the URL of a link. */
export function unescapeText(text: string): string {
  if (!text.includes('\\') && !text.includes('&')) return text;
  let plain = '';
  for (let at = 0; at < text.length;) {
    const character = text[at]!;
    if (character === '\\' && isEscapable(text.charCodeAt(at + 1))) {
      plain += text[at + 1]!;
      at += 2;
      continue;
    }
    const reference = character === '&' ? referenceAt(text, at) : null;
    plain += reference?.value ?? character;
    at = reference?.end ?? at + 1;
  }
  return plain;
}
