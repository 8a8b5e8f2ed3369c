import type { Marked } from '../../../shared/chat/search.ts';
import { foldText, searchedPart } from '../../store/chats/words.ts';

/** A longer line is cut to about `LINE_CHARS` characters. At most `BEFORE_CHARS` of them are before the first hit. */
const LINE_CHARS = 140;
const BEFORE_CHARS = 40;
/** Only this many characters of each line are searched, and only this many lines of a text. */
const MAX_LINE_CHARS = 8_000;
const MAX_LINES = 5000;

/** Finds the first line with all the words, or else the first line with the most of the words. Marks the words in this line. */
export function findLine(text: string, words: readonly string[]): Marked {
  let best = '';
  let most = 0;
  for (const line of searchedPart(text).split('\n', MAX_LINES)) {
    const count = countIn(line.slice(0, MAX_LINE_CHARS), words);
    if (count <= most) continue;
    best = line;
    most = count;
    if (count === words.length) break;
  }
  const line = best.slice(0, MAX_LINE_CHARS);
  const plain = withoutMarkup(line);
  // A word can be in the markup, for example in the URL of a link.
  return cut(countIn(plain, words) === most ? plain : line.trim(), words);
}

/** The number of different words that are in the line. */
function countIn(line: string, words: readonly string[]): number {
  const folded = foldText(line);
  return words.filter((word) => folded.includes(word)).length;
}

/** `- The **moon**` → `The moon`, `| Moon | 384,400 km |` → `Moon · 384,400 km`. Only the usual markup within one line is removed. */
function withoutMarkup(line: string): string {
  const text = line
    .replace(/^[\s>#*+-]{0,20}(?:\[[ xX]\] )?/, '')
    .replace(/!?\[([^\]]{1,300})\]\([^)]{0,500}\)/g, '$1')
    .replace(/(\*\*|~~|`)(\S[^*~`]{0,300})\1/g, '$2')
    .trim();
  if (!text.startsWith('|')) return text;
  return text
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(' · ');
}

/** Marks every occurrence of the words in a text. Marks that touch or overlap are joined. */
export function markText(text: string, words: readonly string[]): Marked {
  const { folded, starts } = foldWithPlaces(text);
  const found = words.flatMap((word) => placesOf(word, folded)).sort((a, b) => a.from - b.from);
  const marks: Marked['marks'] = [];
  for (const { from, to } of found) {
    const last = marks.at(-1);
    const place = { from: starts[from]!, to: starts[to]! };
    if (last && place.from <= last.to) last.to = Math.max(last.to, place.to);
    else if (place.to > place.from) marks.push(place);
  }
  return { text, marks };
}

function cut(line: string, words: readonly string[]): Marked {
  const whole = markText(line, words);
  if (line.length <= LINE_CHARS) return whole;
  const first = whole.marks[0]?.from ?? 0;
  const from = first <= BEFORE_CHARS ? 0 : startOfWord(line, first - BEFORE_CHARS);
  const part = wholeCharacters(line, from, from + LINE_CHARS);
  const text = `${from > 0 ? '…' : ''}${part}${from + LINE_CHARS < line.length ? '…' : ''}`;
  return markText(text, words);
}

/** The shown part begins after the next space, if there is a space within this many characters. Otherwise it begins inside a word. */
const MAX_WORD = 20;

function startOfWord(line: string, at: number): number {
  const space = line.slice(at, at + MAX_WORD).indexOf(' ');
  return space < 0 ? at : at + space + 1;
}

/** Half of a surrogate pair at either end is left out. */
const wholeCharacters = (line: string, from: number, to: number): string =>
  line
    .slice(from, to)
    .replace(/^[\uDC00-\uDFFF]/, '')
    .replace(/[\uD800-\uDBFF]$/, '');

/**
 * `folded`: the text as {@link foldText} makes it. `starts`: where each character of `folded` begins in the original text. The last
 * item of `starts` is the length of the original text.
 */
function foldWithPlaces(text: string): { folded: string; starts: number[] } {
  let folded = '';
  const starts: number[] = [];
  let at = 0;
  for (const char of text) {
    const piece = char <= '\x7f' ? char.toLowerCase() : foldText(char);
    for (let i = 0; i < piece.length; i++) starts.push(at);
    folded += piece;
    at += char.length;
  }
  starts.push(at);
  return { folded, starts };
}

function placesOf(word: string, text: string): { from: number; to: number }[] {
  const places = [];
  for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + word.length))
    places.push({ from, to: from + word.length });
  return places;
}
