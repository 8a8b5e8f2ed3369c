import { tokenize, type InlineContext } from '../inline/parse-inline.ts';

/**
 * Maximum number of characters of a paragraph. A longer one continues in another paragraph, because an unfinished paragraph is
 * parsed and laid out again in each animation frame.
 */
export const MAX_PARAGRAPH = 8_000;

const NO_CONTEXT: InlineContext = { definition: () => undefined, footnote: () => undefined, image: (name) => name };

/** The place to cut a long paragraph: if possible, the last space outside of emphasis, links and code. */
export function cutParagraph(text: string): number {
  const head = text.slice(0, MAX_PARAGRAPH);
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
  if (cut >= MAX_PARAGRAPH / 4) return cut;
  const space = lastSpace(head);
  if (space >= MAX_PARAGRAPH / 4) return space;
  // Do not cut a character of two UTF-16 units.
  return (head.charCodeAt(head.length - 1) & 0xfc00) === 0xd800 ? head.length - 1 : head.length;
}

const lastSpace = (text: string): number => Math.max(text.lastIndexOf(' '), text.lastIndexOf('\n'));
