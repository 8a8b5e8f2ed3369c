/**
 * Decides whether a text continues a partial answer or begins another answer. The text begins another answer if
 *
 * - it begins with a phrase that usually opens an answer: "Certainly! Here is …";
 * - it repeats the beginning or the whole first line of the partial answer;
 * - it begins with a heading, although the partial answer stops within a line;
 * - it opens a block of code ("```js"), although the partial answer stops within a block of code;
 * - its first word is capitalized and has no white space in front, although the partial answer stops in the middle of a sentence.
 *
 * In doubt the text counts as a continuation, because a mistake in the other direction costs more: the whole answer is written
 * again, the reader waits, and good text is lost.
 *
 * @param before the partial answer
 * @param opening the beginning of the new text: at least {@link OPENING_CHARS} characters, unless the whole text is shorter
 */
export function beginsAnotherAnswer(before: string, opening: string): boolean {
  const start = opening.trimStart();
  if (start === '' || before.trim() === '') return false;
  if (GREETINGS.test(start)) return true;
  if (sharedBytes(before.trimStart(), start) >= MIN_SHARED_BYTES) return true;
  if (repeatsFirstLine(before.trimStart(), start)) return true;
  if (isInFence(before)) return /^(```|~~~)\w/.test(start);
  const isInLine = start === opening && !before.slice(before.trimEnd().length).includes('\n');
  if (!isInLine) return false;
  return /^#{1,6} \S/.test(start) || (stopsInSentence(before) && /^\p{Lu}\p{Ll}+[\s,.!:;]/u.test(start));
}

/** Number of characters of the new text that are needed for the decision. */
export const OPENING_CHARS = 48;

/**
 * If the text shares this many bytes with the beginning of the partial answer, it repeats that beginning. The unit is UTF-8 bytes,
 * because eight Chinese characters (24 bytes) say as much as a few English words.
 */
const MIN_SHARED_BYTES = 24;

/** Phrases with which models begin an answer, and hardly ever continue one. */
const GREETINGS = new RegExp(
  `^["'*_#\\s]*(${[
    "(certainly|of course|sure|absolutely|okay|ok|alright|great|gladly)[!,.:]? *(here|i['’ ]|let|below|this|to (continue|answer)|happy)",
    '(certainly|of course|sure thing|absolutely|no problem)!',
    "here('s|’s| is| are) (the|your|a|an|my) (continu|rest|complete|full|whole|revised|rewritten|answer|story|text|response|updated)",
    "(i apologi[sz]e|i['’]?m sorry|my apologies|apologies)\\b",
    '(continuing|to continue|let me continue|resuming|picking up) (from|where|with|the|my)',
    'as an ai\\b',
    '(natürlich|gerne|selbstverständlich|bien sûr|claro que|por supuesto|certamente|конечно)[!,.:]',
    '(voici (la suite|le reste)|aquí (está|tienes|sigue)|hier (ist|kommt|folgt) (die fortsetzung|der rest)|ecco il (seguito|resto)|aqui está|вот продолжение)',
    '(当然|好的|继续[：:]|接上文|続きです|以下是|没问题|もちろん|承知しました|물론입니다)',
  ].join('|')})`,
  'i',
);

function sharedBytes(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  // Without three letters, the shared text is only a Markdown rule or indentation, which any two texts can have in common.
  return hasWords(one.slice(0, length)) ? Buffer.byteLength(one.slice(0, length)) : 0;
}

function repeatsFirstLine(one: string, other: string): boolean {
  const end = other.indexOf('\n');
  return end > 0 && hasWords(other.slice(0, end)) && one.startsWith(other.slice(0, end + 1));
}

const hasWords = (text: string): boolean => /\p{L}.*\p{L}.*\p{L}/u.test(text);

const isInFence = (text: string): boolean => (text.match(/^ {0,3}(```|~~~)/gm)?.length ?? 0) % 2 === 1;

/** True if the text ends with a word in lower case, outside of inline code (which may go on with a capital: `camelCase`). */
function stopsInSentence(before: string): boolean {
  const isInCode = (before.match(/`/g)?.length ?? 0) % 2 === 1;
  return !isInCode && /(^|[\s"“(*_])\p{Ll}[\p{Ll}'’-]*,?$/u.test(before.trimEnd().slice(-200));
}
