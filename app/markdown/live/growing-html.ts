import type { AnswerLabels } from '../labels.ts';
import { createMarkdownText } from '../parse-markdown.ts';
import { createReader } from '../reader.ts';
import { htmlOfBlock } from '../render-html.ts';

/** Renders a growing text as append-only HTML: each block once, as soon as later text cannot change it any more. */
export interface GrowingHtml {
  /** Returns the HTML of the blocks that this text finishes. It never throws. */
  append(text: string): string;
  /** The text after the finished blocks. */
  rest(): string;
}

export function createGrowingHtml(labels?: AnswerLabels): GrowingHtml {
  const text = createMarkdownText();
  const reader = createReader(text, { idPrefix: 'live-', isGrowing: () => true, labels });
  /** The lines that are not rendered yet. The last one is unfinished. */
  let lines = [''];
  let firstLine = 1;
  let rendered = 0;
  let hasFailed = false;

  function append(added: string): string {
    const [first = '', ...more] = added.replaceAll('\r', '').split('\n');
    lines[lines.length - 1] += first;
    for (const line of more) lines.push(line);
    if (hasFailed) return '';
    try {
      text.append(added);
      return more.length > 0 ? finished() : '';
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
    const keepFrom = next && !next.isContinued ? next.startLine : firstLine + lines.length - 1;
    lines = lines.slice(keepFrom - firstLine);
    firstLine = keepFrom;
    return html;
  }

  return { append, rest: () => lines.join('\n') };
}
