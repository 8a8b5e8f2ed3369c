import type { Runs } from './emphasis.ts';
import type { Bracket, Mark, Run } from './tokens.ts';

/**
 * Maximum length, in characters, of an open construct that is shown as if it were closed. The marks of a longer construct are shown
 * as text.
 */
const MAX_BELIEVED_EMPHASIS = 600;
const MAX_BELIEVED_LINK = 200;

/**
 * Characters after which a construct may begin: a space, an opening bracket or quote, a dash or a slash, a mark of another
 * construct, or a Chinese, Japanese or Korean character or sign.
 */
const BEGINS =
  /[\s([{"'“‘«>—–*_~|/：，。、；！？）】」』”’\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

const beginsAt = (text: string, at: number): boolean => at === 0 || BEGINS.test(text[at - 1]!);

/**
 * The end of the decided part of an unfinished text. The meaning of a mark at the very end, such as the first of two asterisks,
 * depends on the next character. Such a mark is not shown yet. Words are always shown.
 */
export function endOfDecided(text: string): number {
  let end = text.length;
  const last = text[end - 1] ?? '';
  if (last === '\\') return isEscaped(text, end - 1) ? end : end - 1;
  if (last === '!' && beginsAt(text, end - 1)) return end - 1;
  if (last === '$') return text[end - 2] === '$' ? end : end - 1;
  if ('*_~`'.includes(last) && last !== '') {
    while (end > 0 && text.length - end < 3 && text[end - 1] === last) end -= 1;
    return isEscaped(text, end) ? text.length : end;
  }
  const footnote = /\[\^?\d{0,3}$/.exec(text.slice(-6));
  if (footnote) end -= footnote[0].length;
  else return end;
  // A bracket before a digit, as in `a[0]`, does not begin a link or a footnote.
  if (footnote[0] !== '[' && !footnote[0].startsWith('[^')) return text.length;
  return text[end - 1] === '!' ? end - 1 : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** True if the unclosed backticks from `at` to `start` begin code. */
export const presumeCode = (text: string, at: number, start: number): boolean =>
  start < text.length && start - at <= 3 && beginsAt(text, at) && text.length - start <= MAX_BELIEVED_EMPHASIS;

/** Shows open emphasis as if it ended with the text. */
export function presumeRuns(text: string, runs: Runs): void {
  const candidates: Run[] = [];
  for (let run = runs.last; run; run = run.before) {
    if (text.length - run.at > MAX_BELIEVED_EMPHASIS) break;
    if (run.canOpen && run.left > 0 && run.left <= 3 && beginsAt(text, run.at)) candidates.push(run);
  }
  let closed: number | null = null;
  for (const run of candidates) {
    closed ??= lastUnopenedBracket(text, candidates.at(-1)!.at);
    // Emphasis does not begin inside brackets and end after them: `call(*args, **kwargs)`.
    if (closed >= 0 && closed > run.at) continue;
    const marks: Mark[] =
      run.sign === '~' ? ['del'] : run.left === 1 ? ['em'] : run.left === 2 ? ['strong'] : ['em', 'strong'];
    run.opens.push(...marks);
    run.left = 0;
  }
}

/** The position of the last closing bracket after `from` whose opening bracket is before `from`; -1 if there is none. */
function lastUnopenedBracket(text: string, from: number): number {
  let depth = 0;
  let found = -1;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]!;
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) {
      if (depth === 0) found = at;
      else depth -= 1;
    }
  }
  return found;
}

/** True if the text from the bracket on looks like the beginning of a link. `[2]` and `[x]` do not. */
export function isLikeLink(text: string, { from, isImage }: Bracket): boolean {
  if (text.length - from > MAX_BELIEVED_LINK || !beginsAt(text, from - (isImage ? 2 : 1))) return false;
  const content = text.slice(from);
  return /^[\p{L}*`"“][^\]]/u.test(content) && !content.includes('\n');
}
