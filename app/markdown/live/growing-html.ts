import { shellOf } from '../block-views.ts';
import type { Block } from '../blocks/block.ts';
import { escapeHtml } from '../html.ts';
import type { AnswerLabels } from '../labels.ts';
import { createMarkdownText } from '../parse-markdown.ts';
import { createReader } from '../reader.ts';
import { htmlAround, htmlOfBlock } from '../render-html.ts';

/**
 * Renders a growing text as append-only HTML. A block is rendered once, as soon as later text cannot change it any more. Lists,
 * items, quotes, tables and long code stay open in the HTML, so that their finished parts are rendered one by one. The one block
 * that is not finished is shown as an element with unparsed text. When this block is finished, that element is hidden, and the
 * rendered block is written after the hidden element.
 */
export interface GrowingHtml {
  /** Returns the HTML that this text adds. This method never throws. */
  append(text: string): string;
  /** Renders what is not finished, and closes all elements. */
  end(): string;
}

export interface GrowingOptions {
  labels?: AnswerLabels;
  /** A new id for the element of an unfinished block. */
  nextId: () => string;
  /** The markup that hides an element. It is written inside the element, so that nothing comes between the element and the next one. */
  hide: (id: string) => string;
}

/** A block whose opening tag was written. */
interface OpenBlock {
  block: Block;
  /** Number of its children that were rendered. */
  rendered: number;
  closing: string;
}

interface Unfinished {
  id: string;
  /**
   * Identifies the block in later calls of `append`. `Block` objects cannot be compared for this, because each call creates the blocks
   * of the unfinished line again.
   */
  key: string;
  /** The text of the block so far. */
  shown: string;
  closing: string;
  isNote: boolean;
}

export function createGrowingHtml({ labels, nextId, hide }: GrowingOptions): GrowingHtml {
  const text = createMarkdownText();
  const reader = createReader(text, { idPrefix: 'live-', isGrowing: () => true, labels });
  const open: OpenBlock[] = [{ block: text.blocks.root, rendered: 0, closing: '' }];
  let unfinished: Unfinished | null = null;
  /** The place of the next text in the footnotes: the index of the footnote, then the indexes of blocks within blocks. */
  const path = [0];
  let hasFailed = false;

  function append(added: string): string {
    if (hasFailed) return escapeHtml(added);
    try {
      let html = '';
      text.append(added);
      text.look(() => (html = grown()), { onlySure: true });
      return html;
    } catch {
      return fail(added);
    }
  }

  function end(): string {
    if (hasFailed) return '</div>';
    try {
      text.end();
      return grown();
    } catch {
      return `${fail('')}</div>`;
    }
  }

  /** A bug in this file must not break the page. After an error, the rest of the text is shown unparsed. */
  function fail(rest: string): string {
    hasFailed = true;
    const closing = open.reduceRight((html, block) => html + block.closing, unfinished?.closing ?? '');
    return `${closing}<div class="live-text" dir="auto">${escapeHtml(rest)}`;
  }

  function grown(): string {
    let html = unfinished?.isNote ? notes() : '';
    const blocks = finished();
    if (blocks !== '') html += closeUnfinished() + blocks;
    return html + notes() + rest();
  }

  function finished(): string {
    let html = '';
    for (;;) {
      const parent = open.at(-1)!;
      const next = parent.block.children[parent.rendered];
      if (next && isFinished(next)) {
        html += htmlOfBlock(next, parent.block, reader);
        parent.rendered += 1;
      } else if (next && isDivided(next)) {
        const [opening, closing] = htmlAround(shellOf(next, reader));
        html += opening;
        open.push({ block: next, rendered: 0, closing });
      } else if (!next && open.length > 1 && isFinished(parent.block)) {
        html += parent.closing;
        open.pop();
        open.at(-1)!.rendered += 1;
      } else return html;
    }
  }

  /**
   * The texts of footnotes since the last call. The Markdown in a footnote is not rendered here, so its raw text stays visible. A
   * footnote is not a child of the block in which it stands.
   */
  function notes(): string {
    let html = '';
    for (;;) {
      const chain: Pick<Block, 'children'>[] = [{ children: text.blocks.notes as Block[] }];
      for (const index of path) {
        const block = chain.at(-1)!.children[index];
        if (!block) return html;
        chain.push(block);
      }
      for (let first = chain.at(-1)!.children[0]; first; first = first.children[0]) {
        path.push(0);
        chain.push(first);
      }
      const note = chain[1] as Block;
      // If the block in which the footnote stands is not finished, that block is shown first.
      if (note.isOpen && (chain.length === 2 || nextBlock())) return html;
      const [, ...inNote] = path;
      const before = inNote.every((index) => index === 0) ? `[^${note.label}]: ` : '';
      html += show(`note ${path.join()}`, before + textOf(chain.at(-1) as Block), (id) => [
        `<p class="live-text" dir="auto" id="${id}">`,
        '</p>',
      ]);
      const isLast = (depth: number) => path[depth] === chain[depth]!.children.length - 1;
      if (note.isOpen && inNote.every((_, depth) => isLast(depth + 1))) return html;
      html += closeUnfinished();
      while (path.length > 1 && isLast(path.length - 1)) path.pop();
      path.push(path.pop()! + 1);
    }
  }

  const nextBlock = (): Block | undefined => open.at(-1)!.block.children[open.at(-1)!.rendered];

  /** The HTML of the block that is not finished, or only its new text if an earlier call returned the beginning of this block. */
  function rest(): string {
    const chain: Block[] = [];
    for (let block = nextBlock(); block; block = block.children.at(-1)) chain.push(block);
    const leaf = chain.at(-1);
    if (!leaf) return unfinished?.isNote ? '' : closeUnfinished();
    const key = chain.map(({ kind, startLine }) => `${kind} ${startLine}`).join();
    return show(key, textOf(leaf), (id) => {
      const around = chain.map((block, index) => {
        const shell = shownShell(block, index === 0 ? id : null);
        // A row can contain text only in a cell.
        const { table } = chain[index - 1] ?? open.at(-1)!.block;
        return block.kind === 'row' ? inCell(shell, table!.align.length) : shell;
      });
      return [around.map(([opening]) => opening).join(''), around.reduceRight((inner, [, after]) => inner + after, '')];
    });
  }

  /** Shows the text of an unfinished block. `around` returns the HTML before and after this text. */
  function show(key: string, shown: string, around: (id: string) => [opening: string, closing: string]): string {
    if (unfinished?.key === key) {
      const before = unfinished.shown;
      // While the kind of the unfinished line is undecided, the line is left out. So there is nothing new to show.
      if (before.startsWith(shown)) return '';
      if (shown.startsWith(before)) {
        unfinished.shown = shown;
        return htmlFrom(shown, before.length);
      }
    }
    const before = closeUnfinished();
    const id = nextId();
    const [opening, closing] = around(id);
    unfinished = { id, key, shown, closing, isNote: key.startsWith('note') };
    return before + opening + htmlFrom(shown, 0);
  }

  function closeUnfinished(): string {
    if (!unfinished) return '';
    const { id, closing, isNote } = unfinished;
    unfinished = null;
    return isNote ? closing : hide(id) + closing;
  }

  function shownShell(block: Block, id: string | null): [string, string] {
    // Only the next line decides whether there is a table.
    const { element, path } = shellOf(block.table?.isPresumed ? { ...block, kind: 'paragraph' } : block, reader);
    if (id === null) return htmlAround({ element, path });
    const attributes = { ...element.attributes, class: `live-text ${element.attributes?.class ?? ''}`.trim(), id };
    return htmlAround({ element: { ...element, attributes }, path });
  }

  return { append, end };
}

/**
 * True if later text cannot change the block. A closed block cannot change, except a row or a formula that ends in the unfinished
 * line: the rest of this line may still be added to the row or formula.
 */
const isFinished = ({ isSettled, isOpen, kind }: Block): boolean =>
  isSettled || (!isOpen && kind !== 'row' && kind !== 'formula');

/**
 * True if a part of this block is finished, so that the opening tag of the block can be written. Except in a table, a second part
 * must have begun, because an empty line before the second item makes a list loose, and a written tag cannot change.
 */
function isDivided({ kind, children }: Block): boolean {
  const first = children[0];
  if (!first) return false;
  return isFinished(first) ? children.length > 1 || kind === 'table' : isDivided(first);
}

const inCell = ([opening, closing]: [string, string], columns: number): [string, string] => [
  `${opening}<td colspan="${columns}">`,
  `</td>${closing}`,
];

const textOf = ({ table, text }: Block): string => (table?.isPresumed ? table.header : text);

const HARD_BREAK = /(?<= {2}|\\)\n/g;
/** No text contains this character. */
const BREAK = '\0';

/** The HTML of `text` from the position `from` on. Hard line breaks become `<br>`. Nothing else is parsed. */
function htmlFrom(text: string, from: number): string {
  const context = Math.max(0, from - 2);
  const added = text
    .slice(context)
    .replace(HARD_BREAK, BREAK)
    .slice(from - context);
  return escapeHtml(added).replaceAll(BREAK, '<br>');
}
