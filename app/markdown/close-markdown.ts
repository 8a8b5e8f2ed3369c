import { createMarkdownText } from './parse-markdown.ts';

/** The end markers of HTML of CommonMark's kinds 1 to 5. Other HTML ends with an empty line. */
const HTML_ENDS = new Map([
  [1, '</script>'],
  [2, '-->'],
  [3, '?>'],
  [4, '>'],
  [5, ']]>'],
]);

/**
 * A text with an end for the code or comment that it leaves open, so that what is written behind it is not part of it:
 * an answer may have been cut anywhere.
 */
export function closeMarkdown(source: string): string {
  const text = createMarkdownText();
  text.append(`${source}\n`);
  const last = text.blocks.root.children.at(-1);
  if (!last || last.isSettled) return source;
  const end = last.fence ? last.fence.sign.repeat(last.fence.length) : HTML_ENDS.get(last.htmlKind);
  return end === undefined ? source : `${source}${source.endsWith('\n') ? '' : '\n'}${end}`;
}
