/** Longer words are split, for example a text without spaces. */
const MAX_WORD_CHARS = 500;
/** Once the different words of a text are this long together, the rest of the text is not searched. */
const MAX_WORDS_CHARS = 64 * 1024;
/** Only this many characters of a text are searched. Splitting 16 MB into words would block the whole process for a second. */
const MAX_TEXT_CHARS = 256 * 1024;
const MAX_QUERY_WORDS = 10;
const WORD = new RegExp(`[\\p{L}\\p{N}\\p{M}_]{1,${MAX_WORD_CHARS}}`, 'gu');

export const searchedPart = (text: string): string => text.slice(0, MAX_TEXT_CHARS);

/** A text as searches compare it: in lower case, without accents, and in normal width. */
export const foldText = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]+/g, '')
    .normalize('NFC');

/**
 * The words of a text, each once, with a line break after each: `wordsIn('To be, or not to be')` → `to\nbe\nor\nnot\n`.
 * A message is stored together with the words of its text.
 */
export function wordsIn(text: string): string {
  const words = new Set<string>();
  let chars = 0;
  for (const [word] of foldText(searchedPart(text)).matchAll(WORD)) {
    if (words.has(word)) continue;
    chars += word.length + 1;
    if (chars > MAX_WORDS_CHARS) break;
    words.add(word);
  }
  return words.size === 0 ? '' : `${[...words].join('\n')}\n`;
}

/** The words of a query. A message is found if each word of the query is a part of a word of the message. */
export const queryWords = (query: string): string[] =>
  [...new Set(foldText(query).match(WORD) ?? [])].slice(0, MAX_QUERY_WORDS);

/** `words`: as {@link wordsIn} makes them, or a text from {@link foldText}. */
export const hasWords = (words: string, wanted: readonly string[]): boolean =>
  wanted.length > 0 && wanted.every((word) => words.includes(word));
