import { readBlock } from './block-views.ts';
import type { Block } from './blocks/block.ts';
import { escapeHtml, htmlOf, htmlOfAll, openingTag } from './html.ts';
import { createMarkdownText } from './parse-markdown.ts';
import type { AnswerLabels } from './labels.ts';
import { createReader, type Reader } from './reader.ts';
import { element, type View, type ViewElement } from './view.ts';

/** The first blocks stand in their container itself, the others in groups: a browser arranges a short list faster. */
export const MAX_UNGROUPED = 1_000;
export const GROUP_SIZE = 200;

export interface RenderOptions {
  /** More of the text may follow. */
  growing?: boolean;
  /** Begins the ids of footnotes. */
  idPrefix?: string;
  /** Default: English. */
  labels?: AnswerLabels;
}

/** A text as HTML. It never throws: what cannot be rendered is shown as plain text. */
export function renderMarkdown(source: string, { growing = false, idPrefix = '', labels }: RenderOptions = {}): string {
  try {
    const text = createMarkdownText();
    const reader = createReader(text, { idPrefix, isGrowing: () => growing, labels });
    let html = '';
    const look = () => {
      html = htmlOfBlocks(text.blocks.root.children, text.blocks.root, reader) + notesHtml(reader);
    };
    text.append(source);
    if (growing) text.look(look);
    else {
      text.end();
      look();
    }
    return html;
  } catch {
    // A fault of ours must not take the page with it.
    return plainHtml(source);
  }
}

export const plainHtml = (source: string): string => `<p class="plain" dir="auto">${escapeHtml(source)}</p>`;

export function htmlOfBlocks(blocks: readonly Block[], parent: Block, reader: Reader): string {
  let html = '';
  blocks.forEach((block, index) => {
    const place = index - MAX_UNGROUPED;
    if (isGrouped(parent) && place >= 0 && place % GROUP_SIZE === 0)
      html += `${place > 0 ? '</div>' : ''}<div class="more">`;
    html += htmlOfBlock(block, parent, reader);
  });
  return isGrouped(parent) && blocks.length > MAX_UNGROUPED ? `${html}</div>` : html;
}

export const isGrouped = ({ kind }: Block): boolean =>
  kind === 'root' || kind === 'quote' || kind === 'item' || kind === 'footnote';

export function htmlOfBlock(block: Block, parent: Block, reader: Reader): string {
  const { shell, views } = readBlock(block, parent, reader);
  const content = views ? htmlOfAll(views) : htmlOfBlocks(block.children, block, reader);
  return withContent(shell.element, shell.path, content);
}

function withContent({ tag, attributes, children }: ViewElement, path: readonly number[], content: string): string {
  const [first, ...rest] = path;
  const inner =
    first === undefined
      ? content
      : children
          .map((child, index) => (index === first ? withContent(child as ViewElement, rest, content) : htmlOf(child)))
          .join('');
  return tag === 'hr' ? '<hr>' : `${openingTag(tag, attributes)}${inner}</${tag}>`;
}

function notesHtml(reader: Reader): string {
  const notes = reader.notes();
  if (notes.length === 0) return '';
  const items = notes.map(({ block, number, id, backTo }) => {
    const back = backTo === null ? '' : htmlOf(backLink(backTo, reader));
    return `<li id="${escapeHtml(id)}" value="${number}"><div>${htmlOfBlocks(block.children, block, reader)}</div>${back}</li>`;
  });
  return `<section class="footnotes" aria-label="${escapeHtml(reader.labels.footnotes)}"><ol dir="auto">${items.join('')}</ol></section>`;
}

export const backLink = (to: string, { labels }: Reader): View =>
  element('a', { class: 'back', href: `#${to}`, 'aria-label': labels.backToText }, ['↩']);
