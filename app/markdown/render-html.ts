import { readBlock, type Shell } from './block-views.ts';
import type { Block } from './blocks/block.ts';
import { escapeHtml, htmlOf, htmlOfAll, openingTag } from './html.ts';
import { createMarkdownText } from './parse-markdown.ts';
import type { AnswerLabels } from './labels.ts';
import { createReader, type Reader } from './reader.ts';
import { element, type View, type ViewElement } from './view.ts';

/**
 * Maximum number of blocks that are direct children of their container. Further blocks are in groups of `GROUP_SIZE`, because a
 * browser lays out short lists of elements faster.
 */
export const MAX_UNGROUPED = 1_000;
export const GROUP_SIZE = 200;

export interface RenderOptions {
  /** True if more of the text may follow. */
  growing?: boolean;
  /** Prefix of the ids of footnotes. */
  idPrefix?: string;
  /** Default: English. */
  labels?: AnswerLabels;
}

/** Renders a text as HTML. This function never throws: after an error, the whole text is shown as plain text. */
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
    // A bug here must not break the page.
    return plainHtml(source);
  }
}

export const plainHtml = (source: string): string => `<p class="plain" dir="auto">${escapeHtml(source)}</p>`;

function htmlOfBlocks(blocks: readonly Block[], parent: Block, reader: Reader): string {
  const pieces: string[] = [];
  const groups = isGrouped(parent);
  blocks.forEach((block, index) => {
    const place = index - MAX_UNGROUPED;
    if (groups && place >= 0 && place % GROUP_SIZE === 0)
      pieces.push(place > 0 ? '</div><div class="more">' : '<div class="more">');
    const html = htmlOfBlock(block, parent, reader);
    // V8 stores a concatenated string as a tree of parts until the string is read. Reading a character here joins the parts.
    // Otherwise, the garbage collection of all these parts would take longer than rendering.
    if (parent.kind === 'root') html.charCodeAt(0);
    pieces.push(html);
  });
  if (groups && blocks.length > MAX_UNGROUPED) pieces.push('</div>');
  return pieces.join('');
}

export const isGrouped = ({ kind }: Block): boolean =>
  kind === 'root' || kind === 'quote' || kind === 'item' || kind === 'footnote';

export function htmlOfBlock(block: Block, parent: Block, reader: Reader): string {
  const { shell, views } = readBlock(block, parent, reader);
  const content = views ? htmlOfAll(views) : htmlOfBlocks(block.children, block, reader);
  const [opening, closing] = htmlAround(shell);
  return opening + content + closing;
}

/**
 * The HTML before and after the content of a block.
 * @param depth number of steps of `path` that led to `element`: 0 for the block's outer element
 */
export function htmlAround({ element, path }: Shell, depth = 0): [opening: string, closing: string] {
  const { tag, attributes, children } = element;
  if (tag === 'hr') return ['<hr>', ''];
  let opening = openingTag(tag, attributes);
  let closing = `</${tag}>`;
  if (depth < path.length) {
    const slot = path[depth]!;
    const inner = htmlAround({ element: children[slot] as ViewElement, path }, depth + 1);
    for (const child of children.slice(0, slot))
      opening += typeof child !== 'string' && child.tag === 'figcaption' ? htmlOfConstant(child) : htmlOf(child);
    opening += inner[0];
    closing = inner[1] + htmlOfAll(children.slice(slot + 1)) + closing;
  }
  return [opening, closing];
}

/** A cache of the HTML of the captions of code. Pieces of code in the same language share one caption. */
const constants = new WeakMap<ViewElement, string>();

function htmlOfConstant(view: ViewElement): string {
  const html = constants.get(view) ?? htmlOf(view);
  constants.set(view, html);
  return html;
}

function notesHtml(reader: Reader): string {
  const { numbers } = reader;
  const items: { number: number; content: string }[] = [];
  for (const { block, number } of numbers.inOrder())
    items.push({ number, content: htmlOfBlocks(block.children, block, reader) });
  if (items.length === 0) return '';
  const list = items.map(({ number, content }) => {
    const back = numbers.isReferred(number) ? htmlOf(backLink(number, reader)) : '';
    return `<li id="${escapeHtml(reader.noteId(number))}" value="${number}"><div>${content}</div>${back}</li>`;
  });
  return `<section class="footnotes" aria-label="${escapeHtml(reader.labels.footnotes)}"><ol dir="auto">${list.join('')}</ol></section>`;
}

export const backLink = (number: number, { labels, markId }: Reader): View =>
  element('a', { class: 'back', href: `#${markId(number)}`, 'aria-label': labels.backToText }, ['↩']);
