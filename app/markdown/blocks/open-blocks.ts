import { definitionAt, normalizeLabel, type Definition } from '../inline/link-parts.ts';
import { isContainer, lastLineOf, newBlock, type Block, type BlockKind } from './block.ts';

/** The blocks of a text so far, and which of them are open. */
export interface OpenBlocks {
  readonly root: Block;
  /** The open blocks, from the root to the innermost one. */
  open: Block[];
  lineNumber: number;
  /** True while an unfinished line is parsed only to show it. All changes are undone afterwards, so no block may be settled. */
  isTrial: boolean;
  /** Number of blocks, and of characters outside code and HTML. Both numbers are limited. */
  size: { blocks: number; text: number };
  definitions: Map<string, Definition>;
  footnotes: Map<string, Block>;
  notes: Block[];
  /** The innermost open block. */
  tip(): Block;
  closeTo(depth: number): void;
  /** Ends a block that is no longer among the open ones. */
  close(block: Block): void;
  /**
   * Adds a block to its parent: the innermost open block that can contain it. First ends the open blocks inside the parent. A
   * footnote goes into `notes` instead.
   */
  add(kind: BlockKind, fields?: Partial<Block>): Block;
  /** Adds a block to the innermost open block. Does not check that the innermost open block can contain the new one. */
  addBeside(block: Block): void;
  /** Puts another block in the place of the innermost open one. */
  replaceTip(block: Block): void;
  /**
   * To be called before a block is added to `parent`. If `parent` is a list or an item, and an empty line comes before the new block,
   * the list becomes loose.
   */
  noteGap(parent: Block): void;
  /** If a paragraph begins with link definitions, moves them from the paragraph to `definitions`. */
  takeDefinitions(paragraph: Block): void;
  /** Marks a block as one that later text cannot change. */
  settle(block: Block): void;
}

export function createOpenBlocks(): OpenBlocks {
  const root = newBlock('root', 0);
  const tip = () => state.open.at(-1)!;

  function closeTo(depth: number): void {
    while (state.open.length > depth) close(state.open.pop()!);
  }

  function close(block: Block): void {
    if (block.kind === 'formula') becomeText(block);
    if (block.kind === 'paragraph') {
      takeDefinitions(block);
      block.text = block.text.trimEnd();
      removeIfEmpty(block);
    }
    if (block.kind === 'code' || block.kind === 'html') endLines(block);
    settle(block);
  }

  /** Removes a paragraph if it contained only definitions. */
  function removeIfEmpty(block: Block): void {
    if (block.text.trim() !== '') return;
    const siblings = state.open.at(-1)!.children;
    if (siblings.at(-1) === block) siblings.pop();
  }

  function takeDefinitions(block: Block): void {
    let at = 0;
    for (;;) {
      const found = block.text[at] === '[' ? definitionAt(block.text, at) : null;
      if (!found) break;
      if (!state.definitions.has(found.label))
        state.definitions.set(found.label, { href: found.href, title: found.title });
      at = found.end;
    }
    block.text = block.text.slice(at);
  }

  function add(kind: BlockKind, fields: Partial<Block> = {}): Block {
    while (!isContainer(tip()) || (tip().kind === 'list' && kind !== 'item')) close(state.open.pop()!);
    const parent = tip();
    noteGap(parent);
    const block = newBlock(kind, state.lineNumber, fields);
    state.size.blocks += 1;
    state.size.text += block.text.length;
    if (kind === 'footnote') {
      const label = normalizeLabel(block.label);
      if (!state.footnotes.has(label)) state.footnotes.set(label, block);
      state.notes.push(block);
    } else parent.children.push(block);
    state.open.push(block);
    return block;
  }

  /** A list is loose if there is an empty line between its items, or between two blocks inside one item. */
  function noteGap(parent: Block): void {
    const list = parent.kind === 'list' ? parent : parent.kind === 'item' ? state.open.at(-2) : null;
    const last = parent.children.at(-1);
    if (list?.list && !list.list.isLoose && last && lastLineOf(last) < state.lineNumber - 1)
      list.list = { ...list.list, isLoose: true };
  }

  function replaceTip(block: Block): void {
    state.open.pop();
    const { children } = tip();
    children[children.length - 1] = block;
    state.open.push(block);
  }

  function endLines(block: Block): void {
    if (!block.fence && block.kind === 'code') {
      while (block.children.length > 1 && block.children.at(-1)!.text.trim() === '') block.children.pop();
      const last = block.children.at(-1);
      if (last) last.text = withoutBlankLines(last.text);
    }
    const last = block.children.at(-1);
    if (!last) return;
    settle(last);
  }

  /** Turns a formula that was not closed into a paragraph. */
  function becomeText(block: Block): void {
    block.kind = 'paragraph';
  }

  function settle(block: Block): void {
    block.isOpen = false;
    if (!state.isTrial) block.isSettled = true;
  }

  const state: OpenBlocks = {
    root,
    open: [root],
    lineNumber: 0,
    isTrial: false,
    size: { blocks: 0, text: 0 },
    definitions: new Map(),
    footnotes: new Map(),
    notes: [],
    tip,
    closeTo,
    close,
    add,
    addBeside(block) {
      tip().children.push(block);
      state.open.push(block);
    },
    replaceTip,
    noteGap,
    takeDefinitions,
    settle,
  };
  return state;
}

/** A text without the blank lines at its end. */
function withoutBlankLines(text: string): string {
  const end = text.trimEnd().length;
  const lineEnd = text.indexOf('\n', end);
  return lineEnd < 0 ? text : text.slice(0, lineEnd);
}
