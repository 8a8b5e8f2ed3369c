import { createMarkdownText } from './parse-markdown.ts';

/** The ends of HTML blocks of CommonMark's kinds 1 to 5. Kinds 6 and 7 end at a blank line. */
const HTML_ENDS = new Map([
  [1, '</script>'],
  [2, '-->'],
  [3, '?>'],
  [4, '>'],
  [5, ']]>'],
]);

/** Closes the fenced code or HTML block that `source` leaves open, so that text added after `source` stays outside of the block. */
export function closeMarkdown(source: string): string {
  const text = createMarkdownText();
  text.append(`${source}\n`);
  const last = text.blocks.root.children.at(-1);
  if (!last || last.isSettled) return source;
  const end = last.fence ? last.fence.sign.repeat(last.fence.length) : HTML_ENDS.get(last.htmlKind);
  return end === undefined ? source : `${source}${source.endsWith('\n') ? '' : '\n'}${end}`;
}
