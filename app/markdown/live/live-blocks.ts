import { readBlock, type Shell } from '../block-views.ts';
import type { Block } from '../blocks/block.ts';
import { createElement, createNode, patchChildren, setAttributes } from './dom.ts';
import type { Reader } from '../reader.ts';
import { GROUP_SIZE, isGrouped, MAX_UNGROUPED } from '../render-html.ts';
import type { View, ViewElement } from '../view.ts';

/** A block and its element. The block may still change, or it comes after a block that may still change. */
interface LiveBlock {
  block: Block;
  element: Element;
  shell: Shell;
  /** The element that contains the block's content: `element`, or one inside it. */
  slot: Element;
  views: readonly View[] | null;
  children: LiveChildren;
  isSettled: boolean;
}

/** The blocks within an element. */
export interface LiveChildren {
  /** Number of settled blocks at the beginning. Only `renderAgain` may change them. */
  settled: number;
  /** The blocks after the settled ones. The first of them may still change. */
  live: LiveBlock[];
}

export interface LiveBlocks {
  /** Updates the elements in `slot`, so that they show the child blocks of `parent`. The time is proportional to the new content. */
  sync(children: LiveChildren, parent: Block, slot: Element): void;
  /** Settled blocks that refer to an undefined label. The key is the label; the label of a footnote begins with `^`. */
  waiting: Map<string, Set<WaitingBlock>>;
  /** Takes over the element that the server has rendered for a settled block. */
  adopt(block: Block, parent: Block, element: Element): void;
  /** Renders a settled block again, for example because a label that it refers to is now defined. */
  renderAgain(waiting: WaitingBlock): void;
}

export interface WaitingBlock {
  block: Block;
  parent: Block;
  element: Element;
}

export const noChildren = (): LiveChildren => ({ settled: 0, live: [] });

/** `onSettled` is called when a block is settled. After that, this file changes the block's element only in `renderAgain`. */
export function createLiveBlocks(
  reader: Reader,
  onSettled: (block: Block, element: Element) => void = () => undefined,
): LiveBlocks {
  const waiting: LiveBlocks['waiting'] = new Map();

  function sync(children: LiveChildren, parent: Block, slot: Element): void {
    const { live } = children;
    const blocks = parent.children;
    for (let index = children.settled; index < blocks.length; index += 1) {
      const place = index - children.settled;
      const block = blocks[index]!;
      const known = live[place];
      if (known?.isSettled && known.block === block) continue;
      const read = readBlock(block, parent, reader);
      if (known && canBecome(known, block, read.shell)) update(known, block, read);
      else {
        const created = create(block, read);
        if (known) known.element.replaceWith(created.element);
        else attach(created.element, slot, parent, index);
        live[place] = created;
      }
      const now = live[place]!;
      now.isSettled = block.isSettled;
      if (!block.isSettled) continue;
      for (const label of read.missing) wait(label, { block, parent, element: now.element });
      onSettled(block, now.element);
    }
    for (const { element } of live.splice(blocks.length - children.settled)) element.remove();
    while (live[0]?.isSettled) {
      live.shift();
      children.settled += 1;
    }
  }

  function create(block: Block, { shell, views }: ReturnType<typeof readBlock>): LiveBlock {
    const element = createElement(shell.element);
    const slot = slotOf(element, shell.path);
    const live = { block, element, shell, slot, views: views && [], children: noChildren(), isSettled: false };
    fill(live, block, views);
    return live;
  }

  function update(live: LiveBlock, block: Block, { shell, views }: ReturnType<typeof readBlock>): void {
    patchShell(live.element, live.shell.element, shell.element, shell.path);
    live.block = block;
    live.shell = shell;
    fill(live, block, views);
  }

  function fill(live: LiveBlock, block: Block, views: readonly View[] | null): void {
    if (views) {
      patchChildren(live.slot, live.views ?? [], views);
      live.views = views;
    } else sync(live.children, block, live.slot);
  }

  function wait(label: string, block: WaitingBlock): void {
    const blocks = waiting.get(label);
    if (blocks) blocks.add(block);
    else waiting.set(label, new Set([block]));
  }

  function renderAgain({ block, parent, element }: WaitingBlock): void {
    const { shell, views, missing } = readBlock(block, parent, reader);
    if (views) slotOf(element, shell.path).replaceChildren(...views.map((view) => createNode(view)));
    // A table: its cells are blocks of their own, except those of its head.
    else element.querySelector('thead')?.replaceWith(createElement(shell.element).querySelector('thead')!);
    for (const label of missing) wait(label, { block, parent, element });
  }

  function adopt(block: Block, parent: Block, element: Element): void {
    const { shell, missing } = readBlock(block, parent, reader);
    for (const label of missing) wait(label, { block, parent, element });
    const children = blocksIn(slotOf(element, shell.path));
    // Nested blocks are adopted, too, because `onSettled` colours code, and code may stand in a list.
    block.children.forEach((child, index) => adopt(child, block, children[index] ?? element));
    onSettled(block, element);
  }

  return { sync, waiting, renderAgain, adopt };
}

const slotOf = (element: Element, path: readonly number[]): Element =>
  path.reduce((outer, index) => outer.children[index] ?? outer, element);

const canBecome = ({ block, shell }: LiveBlock, next: Block, nextShell: Shell): boolean =>
  block.kind === next.kind &&
  shell.element.tag === nextShell.element.tag &&
  shell.path.join() === nextShell.path.join() &&
  (block === next || !block.isSettled);

/** Updates the parts around the content of a block: attributes, and the head of a table. */
function patchShell(node: Element, old: ViewElement, next: ViewElement, path: readonly number[]): void {
  setAttributes(node, old.attributes, next.attributes);
  const [slot, ...rest] = path;
  if (slot === undefined) return;
  next.children.forEach((child, index) => {
    const element = node.children[index];
    const before = old.children[index];
    if (!element || typeof child === 'string' || before === undefined || typeof before === 'string') return;
    if (index === slot) patchShell(element, before, child, rest);
    else if (!child.opaque) {
      setAttributes(element, before.attributes, child.attributes);
      patchChildren(element, before.children, child.children);
    }
  });
}

/** Adds the element of the block at `index` to `slot`, or to the last group in `slot` (see `MAX_UNGROUPED`). Footnotes stay last. */
function attach(element: Element, slot: Element, parent: Block, index: number): void {
  const footnotes = slot.lastElementChild?.matches('.footnotes') ? slot.lastElementChild : null;
  const inGroups = isGrouped(parent) ? index - MAX_UNGROUPED : -1;
  const last = footnotes ? footnotes.previousElementSibling : slot.lastElementChild;
  if (inGroups >= 0 && inGroups % GROUP_SIZE !== 0 && last?.matches('.more')) return last.append(element);
  let added = element;
  if (inGroups >= 0) {
    added = createElement({ tag: 'div', attributes: { class: 'more' }, children: [] });
    added.append(element);
  }
  slot.insertBefore(added, footnotes);
}

/** The elements of the blocks in `slot`. */
export const blocksIn = (slot: Element): Element[] =>
  [...slot.children].flatMap((child) => (child.matches('.more') ? [...child.children] : [child]));
