import type { Block } from './block.ts';
import { tokenize, type InlineContext } from '../inline/parse-inline.ts';

/**
 * A paragraph continues in a further one when its weight is more than this. An unfinished paragraph is parsed in each
 * frame, and a browser lays out all lines of an element again when it grows. No person writes paragraphs this long.
 */
const MAX_PARAGRAPH = 8_000;
/** The weight of a character is 1. That of a mark is more, because it may be the end of an element. */
const MARK_WEIGHT = 9;
const MARKS = new Set([...'*_~`[<$'].map((mark) => mark.charCodeAt(0)));

/** True if a paragraph must be cut. Only the characters that have been added since the last call are looked at. */
export function isTooLong(block: Block): boolean {
  const { text } = block;
  for (; block.weighed < text.length; block.weighed += 1) block.weight += weightAt(text, block.weighed);
  return block.weight > MAX_PARAGRAPH;
}

const weightAt = (text: string, at: number): number => (MARKS.has(text.charCodeAt(at)) ? MARK_WEIGHT : 1);

/** The beginning of a text that has the greatest weight of a paragraph. */
function headOf(text: string): string {
  let weight = 0;
  let at = 0;
  for (; at < text.length && weight < MAX_PARAGRAPH; at += 1) weight += weightAt(text, at);
  return text.slice(0, at);
}

const NO_CONTEXT: InlineContext = { definition: () => undefined, footnote: () => undefined };

/** The place to cut a long paragraph: the last space outside of emphasis, links and code. */
export function cutParagraph(text: string): number {
  const head = headOf(text);
  const { tokens, starts } = tokenize(head, NO_CONTEXT, false);
  let depth = 0;
  let cut = 0;
  tokens.forEach((token, index) => {
    if (typeof token === 'string') {
      const space = depth === 0 ? lastSpace(token) : -1;
      if (space >= 0) cut = starts[index]! + space;
    } else if (token.kind === 'run') depth += token.opens.length - token.closes.length;
    else if (token.kind === 'bracket') depth += token.becomes === null ? 0 : 1;
    else if (token.kind === 'link end') depth -= 1;
  });
  if (cut >= head.length / 4) return cut;
  const space = lastSpace(head);
  if (space >= head.length / 4) return space;
  // Do not cut a character of two UTF-16 units.
  return (head.charCodeAt(head.length - 1) & 0xfc00) === 0xd800 ? head.length - 1 : head.length;
}

const lastSpace = (text: string): number => Math.max(text.lastIndexOf(' '), text.lastIndexOf('\n'));
