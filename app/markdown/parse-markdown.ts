import { Lexer, type MarkedToken, type Token, type TokensList } from 'marked';
import { mendUnfinished } from './mend-unfinished.ts';

/** One block of a text: a paragraph, a list, a table, a piece of code. */
export interface MarkdownBlock {
  token: MarkedToken;
  /** More may be written into it. */
  unfinished: boolean;
}

/** Parses a growing text: blocks that nothing can change any more are parsed once and are the same objects for ever. */
export interface MarkdownParser {
  parse(source: string, options: { streaming: boolean }): MarkdownBlock[];
  /** How much of the last source is in blocks that nothing can change any more. Lines end by `\n` there. */
  readonly settledLength: number;
}

export function createMarkdownParser(): MarkdownParser {
  let settled: MarkdownBlock[] = [];
  let settledSource = '';
  let links: TokensList['links'] = {};

  function lexer(): Lexer {
    const fresh = new Lexer({ gfm: true });
    // A definition counts for the blocks after it too, which another lexer reads.
    Object.assign(fresh.tokens.links, links);
    return fresh;
  }

  function lex(source: string, unfinished: boolean): MarkdownBlock[] {
    const tokens = lexer().lex(source);
    links = { ...tokens.links };
    const blocks = tokens.filter(({ type }) => type !== 'space' && type !== 'def');
    // Without extensions the lexer makes no other tokens than its own.
    return blocks.map((token) => ({ token: token as MarkedToken, unfinished }));
  }

  return {
    get settledLength() {
      return settledSource.length;
    },
    parse(text, { streaming }) {
      const source = text.replace(/\r\n?/g, '\n');
      if (!source.startsWith(settledSource)) {
        settled = [];
        settledSource = '';
        links = {};
      }
      const tail = source.slice(settledSource.length);
      const length = settledLength(lexer().blockTokens(tail), tail);
      if (length > 0) {
        settled = [...settled, ...lex(tail.slice(0, length), false)];
        settledSource = source.slice(0, settledSource.length + length);
      }
      const rest = tail.slice(length);
      return [...settled, ...lex(streaming ? mendUnfinished(rest) : rest, streaming)];
    },
  };
}

/** Text that follows can only change the last block: continue it, or make another kind of block of it. */
function settledLength(tokens: Token[], source: string): number {
  const last = tokens.findLastIndex(({ type }) => type !== 'space');
  let length = 0;
  for (const { raw } of tokens.slice(0, Math.max(0, last))) {
    // A lexer that changed what it read can not tell where the next block begins.
    if (!source.startsWith(raw, length)) break;
    length += raw.length;
  }
  return length;
}
