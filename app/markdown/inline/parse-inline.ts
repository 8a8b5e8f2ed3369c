import { element, type View } from '../view.ts';
import { bareAutolinkAt, bracketedAutolinkAt, type Autolink } from './autolinks.ts';
import { buildViews, linkView } from './build-views.ts';
import { isEscapable } from './characters.ts';
import { createCodeFinder, codeText } from './code-spans.ts';
import { addRun, cutRuns, isOpen, pairRuns, runAt, type Runs } from './emphasis.ts';
import { referenceAt } from './entities.ts';
import { formulaView, createFormulaFinder } from './formulas.ts';
import { labelAt, linkTailAt, normalizeLabel, type Definition } from './link-parts.ts';
import { createMarkupFinder, tagEnd } from './raw-html.ts';
import type { Bracket, Token } from './tokens.ts';
import { endOfDecided, isLikeLink, presumeCode, presumeRuns } from './unfinished.ts';

/** What `parseInline` needs besides the text: link definitions, footnotes, and the words for an image. */
export interface InlineContext {
  /** The definition of a link by its normalized label. */
  definition(label: string): Definition | undefined;
  /** What is shown for the reference `[^label]` to a footnote; `undefined` if there is no such footnote. The label is not normalized. */
  footnote(label: string): View | undefined;
  /** What is shown in place of an image with this name: `Image: a cat`. */
  image(name: string): string;
}

/** Most table cells and list items contain none of these characters, so they need no parsing. */
const HAS_SIGNS = /[\n\\`*_~[<&@$]|:\/\/|www\./i;
const SIGNS = signTable('\n\\`*_~[]!<&:.@$');
const BREAK: View = { tag: 'br', children: [] };
const LINE_BREAK_TAG = /^<br\s{0,9}\/?>$/i;
const MAX_FOOTNOTE_LABEL = 100;

/**
 * Parses the text of a paragraph, in linear time. `growing`: more text may follow, so open emphasis, code and links are usually
 * shown as if they were closed.
 */
export function parseInline(source: string, context: InlineContext, growing = false): View[] {
  const text = growing ? source.slice(0, endOfDecided(source)) : source;
  if (!HAS_SIGNS.test(text)) return text === '' ? [] : [text];
  return buildViews(tokenize(text, context, growing).tokens, context.image);
}

/** Splits a text into tokens and finds out which tokens form pairs. `starts` has the position of each token. */
export function tokenize(
  text: string,
  context: InlineContext,
  growing: boolean,
): { tokens: readonly Token[]; starts: readonly number[] } {
  const tokens: Token[] = [];
  const starts: number[] = [];
  const runs: Runs = { last: null };
  const brackets: Bracket[] = [];
  /**
   * The brackets before this index in `brackets` are text unless they begin an image. If they began links, these links would contain
   * another link.
   */
  let inactive = 0;
  let codeEnd: ReturnType<typeof createCodeFinder> | null = null;
  let markupEnd: ReturnType<typeof createMarkupFinder> | null = null;
  let formulaAt: ReturnType<typeof createFormulaFinder> | null = null;
  let at = 0;
  let textFrom = 0;

  const push = (token: Token, start: number) => {
    tokens.push(token);
    starts.push(start);
  };
  const flush = (to: number) => {
    if (to > textFrom) push(text.slice(textFrom, to), textFrom);
    textFrom = to;
  };
  /** Adds a token for the text up to `end`. */
  const put = (token: Token, end: number) => {
    flush(at);
    push(token, at);
    at = textFrom = end;
  };
  const show = (view: View, end: number) => put(typeof view === 'string' ? view : { kind: 'view', view }, end);

  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code >= 128 || SIGNS[code] === 0) {
      at += 1;
      continue;
    }
    if (!take(code)) at += 1;
  }
  flush(at);
  pairRuns(runs, null);
  if (growing) {
    presumeRuns(text, runs);
    const bracket = brackets.at(-1);
    if (bracket && isLikeLink(text, bracket)) bracket.becomes = 'hidden';
  }
  return { tokens, starts };

  /** Parses the construct at the current position. `code`: the character there. Returns `false` if this character is text. */
  function take(code: number): boolean {
    switch (code) {
      case 10: // \n
        return takeLineEnd();
      case 92: // \
        return takeBackslash();
      case 96: // `
        return takeCode();
      case 36: // $
        return takeFormula();
      case 42: // *
      case 95: // _
      case 126: // ~
        return takeRun(code);
      case 33: // !
        return text[at + 1] === '[' && openBracket(true);
      case 91: // [
        return openBracket(false);
      case 93: // ]
        return closeBracket();
      case 60: // <
        return takeAngle();
      case 38: // &
        return takeReference();
      default:
        return takeBareAddress();
    }
  }

  function takeLineEnd(): boolean {
    let end = at;
    while (end > textFrom && text[end - 1] === ' ') end -= 1;
    const isHard = at - end >= 2;
    flush(end);
    if (isHard) push({ kind: 'view', view: BREAK }, at);
    push('\n', at);
    at += 1;
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    textFrom = at;
    return true;
  }

  function takeBackslash(): boolean {
    const next = text.charCodeAt(at + 1);
    if (next === 10) {
      show(BREAK, at + 1);
      return true;
    }
    if (next === 40 || next === 91) return takeFormula();
    if (!isEscapable(next)) return false;
    flush(at);
    textFrom = at + 1;
    at += 2;
    return true;
  }

  function takeFormula(): boolean {
    formulaAt ??= createFormulaFinder(text);
    const formula = formulaAt(at, growing);
    if (formula === null) {
      if (text[at] !== '\\') return false;
      // No formula begins here, so this is an ordinary escape.
      flush(at);
      textFrom = at + 1;
      at += 2;
      return true;
    }
    if (formula.tex === null) put(text.slice(at, formula.end), formula.end);
    else show(formulaView(text.slice(at, formula.end), formula.tex, formula.isDisplay), formula.end);
    return true;
  }

  function takeCode(): boolean {
    let start = at;
    while (text[start] === '`') start += 1;
    codeEnd ??= createCodeFinder(text);
    const end = codeEnd(start, start - at);
    if (end >= 0) {
      const content = codeText(text.slice(start, end - (start - at)));
      show(element('code', { dir: 'ltr' }, [content]), end);
    } else if (growing && presumeCode(text, at, start)) {
      show(element('code', { dir: 'ltr' }, [codeText(text.slice(start)) || ' ']), text.length);
    } else at = start;
    return true;
  }

  function takeRun(code: number): boolean {
    let end = at + 1;
    while (text.charCodeAt(end) === code) end += 1;
    const run = runAt(text, at, end);
    if (!run.canOpen && !run.canClose) {
      at = end;
      return true;
    }
    addRun(runs, run);
    put(run, end);
    return true;
  }

  function openBracket(isImage: boolean): boolean {
    const from = at + (isImage ? 2 : 1);
    const outer = brackets.at(-1);
    if (outer) outer.hasBracket = true;
    flush(at);
    const bracket: Bracket = {
      kind: 'bracket',
      isImage,
      from,
      index: tokens.length,
      lastRun: runs.last,
      hasBracket: false,
      becomes: null,
    };
    brackets.push(bracket);
    put(bracket, from);
    return true;
  }

  function closeBracket(): boolean {
    const opener = brackets.pop();
    const isActive = opener !== undefined && (opener.isImage || brackets.length >= inactive);
    inactive = Math.min(inactive, brackets.length);
    if (!opener || !isActive) return false;
    const target = footnoteOf(opener) ?? targetOf(opener);
    if (!target) return false;
    if ('view' in target) {
      tokens.length = starts.length = opener.index;
      cutRuns(runs, opener.lastRun);
      textFrom = at;
      show(target.view, at + 1);
      return true;
    }
    pairRuns(runs, opener.lastRun);
    cutRuns(runs, opener.lastRun);
    opener.becomes = target.definition;
    if (!opener.isImage) inactive = brackets.length;
    put({ kind: 'link end' }, target.end);
    return true;
  }

  function footnoteOf({ isImage, from }: Bracket): { view: View } | null {
    if (isImage || text[from] !== '^' || at - from > MAX_FOOTNOTE_LABEL || at - from < 2) return null;
    const view = context.footnote(text.slice(from + 1, at));
    return view === undefined ? null : { view };
  }

  /** The target of the link or image that ends here. Its URL or label comes after the `]`, or the text in the brackets is the label. */
  function targetOf(opener: Bracket): { definition: Definition; end: number } | null {
    const after = at + 1;
    if (text[after] === '(') {
      const tail = linkTailAt(text, after);
      if (tail === 'incomplete' && growing) return { definition: UNDECIDED, end: text.length };
      if (tail && tail !== 'incomplete') return { definition: tail, end: tail.end };
    }
    if (growing && after === text.length && isLikeLink(text, opener)) return { definition: UNDECIDED, end: after };
    const label = labelAt(text, after);
    if (label && label.label.trim() !== '') return defined(label.label, label.end);
    return opener.hasBracket ? null : defined(text.slice(opener.from, at), label ? label.end : after);
  }

  function defined(label: string, end: number): { definition: Definition; end: number } | null {
    const normalized = normalizeLabel(label);
    const definition = normalized === '' ? undefined : context.definition(normalized);
    return definition ? { definition, end } : null;
  }

  function takeAngle(): boolean {
    const autolink = bracketedAutolinkAt(text, at);
    if (autolink) {
      show(linkView(autolink.href, '', [autolink.text]), autolink.end);
      return true;
    }
    const tag = tagEnd(text, at);
    markupEnd ??= createMarkupFinder(text);
    const end = tag >= 0 ? tag : markupEnd(at);
    if (end < 0) return false;
    const markup = text.slice(at, end);
    // HTML is shown as text, except for `<br>`, the only way to break a line in a table.
    if (LINE_BREAK_TAG.test(markup)) show(BREAK, end);
    else put(markup, end);
    return true;
  }

  function takeReference(): boolean {
    const reference = referenceAt(text, at);
    if (!reference) return false;
    put(reference.value, reference.end);
    return true;
  }

  function takeBareAddress(): boolean {
    const from = text[at] === '@' ? 0 : textFrom;
    const address = bareAutolinkAt(text, at, from, (run) => isOpen(runs, run));
    if (!address || !withdraw(address)) return false;
    show(linkView(address.href, '', [address.text]), address.end);
    return true;
  }

  /**
   * The beginning of an address may have been read as emphasis: the `_` in `first_name@example.org`. Turns such marks back into
   * text. Returns `false` if the beginning contains another token, such as code.
   */
  function withdraw({ start }: Autolink): boolean {
    while (textFrom > start) {
      const last = tokens.at(-1);
      if (typeof last === 'object' && last === runs.last) cutRuns(runs, runs.last.before);
      else if (typeof last !== 'string') return false;
      tokens.pop();
      textFrom = starts.pop()!;
    }
    flush(start);
    textFrom = at = start;
    return true;
  }
}

/** A link whose URL has not arrived yet. Only its text is shown. */
const UNDECIDED: Definition = { href: '', title: '' };

function signTable(signs: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const sign of signs) table[sign.charCodeAt(0)] = 1;
  return table;
}
