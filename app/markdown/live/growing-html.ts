import type { AnswerLabels } from '../labels.ts';
import { createMarkdownText } from '../parse-markdown.ts';
import { createReader } from '../reader.ts';
import { htmlOfBlock } from '../render-html.ts';

/** Renders a growing text as append-only HTML: each block once, as soon as later text cannot change it any more. */
export interface GrowingHtml {
  /** Returns the HTML of the blocks that this text finishes. This method never throws. */
  append(text: string): string;
  /** The text after the finished blocks. */
  rest(): string;
}

export function createGrowingHtml(labels?: AnswerLabels): GrowingHtml {
  const text = createMarkdownText();
  const reader = createReader(text, { idPrefix: 'live-', isGrowing: () => true, labels });
  /** The text that is not rendered yet, and the number of its first line. */
  let open = '';
  let firstLine = 1;
  let rendered = 0;
  let hasFailed = false;

  function append(added: string): string {
    open += added;
    if (hasFailed) return '';
    try {
      text.append(added);
      return /[\r\n]/.test(added) ? finished() : '';
    } catch {
      // A bug here must not break the page: the text is shown unchanged.
      hasFailed = true;
      return '';
    }
  }

  function finished(): string {
    const { root } = text.blocks;
    let html = '';
    for (; root.children[rendered]?.isSettled; rendered += 1)
      html += htmlOfBlock(root.children[rendered]!, root, reader);
    if (html === '') return '';
    const next = root.children[rendered];
    if (next?.kind === 'paragraph' && next.isContinued) {
      // A long paragraph may be cut in the middle of a line.
      skipTo(next.endLine + 1);
      open = `${next.text}\n${open}`;
      firstLine -= next.text.split('\n').length;
    } else skipTo(next?.startLine ?? Infinity);
    return html;
  }

  /** Drops the text before this line from `open`. `Infinity`: all complete lines. */
  function skipTo(line: number): void {
    let at = 0;
    for (const end of open.matchAll(LINE_END)) {
      if (firstLine >= line) break;
      firstLine += 1;
      at = end.index + end[0].length;
    }
    open = open.slice(at);
  }

  return { append, rest: () => open.replace(/\r\n?/g, '\n') };
}

/** A `\r` at the end of the text does not match, because it may be the first half of `\r\n`. */
const LINE_END = /\r?\n|\r(?=[^\n])/g;
