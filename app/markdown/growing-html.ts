import type { AnswerLabels } from './labels.ts';
import { createMarkdownText } from './parse-markdown.ts';
import { createReader } from './reader.ts';
import { htmlOfBlock } from './render-html.ts';

/** A growing text as HTML that is only ever added to: each block once, when nothing can change it any more. */
export interface GrowingHtml {
  /** The blocks that are finished by this. It never throws. */
  append(text: string): string;
  /** The text behind the finished blocks. */
  rest(): string;
}

export function createGrowingHtml(labels?: AnswerLabels): GrowingHtml {
  const text = createMarkdownText();
  const reader = createReader(text, { idPrefix: 'live-', isGrowing: () => true, labels });
  /** The lines that are not rendered yet. The last one is still written. */
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
      // A fault of ours must not take the page with it: the text stays as it came.
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
