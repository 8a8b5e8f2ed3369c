/** The class of a character in the rules of emphasis. */
export type CharacterClass = 'space' | 'punctuation' | 'cjk punctuation' | 'cjk' | 'other';

const SPACE = /[\s\p{Zs}]/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
/** Wide East Asian characters, as the CJK-friendly amendment to CommonMark defines them, without emoji. */
const CJK =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u20a9\u2e80-\u303e\u3040-\u33ff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uffef]/u;

const CLASSES = ['space', 'punctuation', 'cjk punctuation', 'cjk', 'other'] as const;
/** A cache for characters of one UTF-16 unit: the index of the class in `CLASSES` plus one. 0: not cached yet. */
const known = new Uint8Array(65_536);

function classOf(character: string): CharacterClass {
  if (character.length !== 1) return character === '' ? 'space' : findClass(character);
  const code = character.charCodeAt(0);
  if (known[code] === 0) known[code] = CLASSES.indexOf(findClass(character)) + 1;
  return CLASSES[known[code]! - 1]!;
}

function findClass(character: string): CharacterClass {
  if (SPACE.test(character)) return 'space';
  const isPunctuation = PUNCTUATION.test(character);
  if (character < '\u0080') return isPunctuation ? 'punctuation' : 'other';
  const isCjk = CJK.test(character);
  if (isPunctuation) return isCjk ? 'cjk punctuation' : 'punctuation';
  return isCjk ? 'cjk' : 'other';
}

export const isCjkClass = (kind: CharacterClass): boolean => kind === 'cjk' || kind === 'cjk punctuation';
export const isPunctuationClass = (kind: CharacterClass): boolean =>
  kind === 'punctuation' || kind === 'cjk punctuation';

/** The class of the character that begins at `at`. The end of the text counts as a space. */
export const classAfter = (text: string, at: number): CharacterClass =>
  at >= text.length ? 'space' : classOf(String.fromCodePoint(text.codePointAt(at)!));

/** The class of the character that ends before `at`. Variation selectors belong to the character before them. */
export function classBefore(text: string, at: number): CharacterClass {
  const character = characterBefore(text, at);
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xe0100 && code <= 0xe01ef) return 'cjk';
  if ((code >= 0xfe00 && code <= 0xfe02) || code === 0xfe0e) {
    const base = classOf(characterBefore(text, at - character.length));
    if (isCjkClass(base)) return base;
  }
  return classOf(character);
}

function characterBefore(text: string, at: number): string {
  if (at <= 0) return '';
  const isPair =
    at > 1 && (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 2) & 0xfc00) === 0xd800;
  return text.slice(isPair ? at - 2 : at - 1, at);
}

/** ASCII punctuation, which a backslash makes literal. */
export const isEscapable = (code: number): boolean =>
  (code >= 33 && code <= 47) ||
  (code >= 58 && code <= 64) ||
  (code >= 91 && code <= 96) ||
  (code >= 123 && code <= 126);

export const isAsciiAlphanumeric = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
