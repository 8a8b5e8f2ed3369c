import { createElement } from './dom.ts';
import { noChildren, type LiveBlocks, type LiveChildren } from './live-blocks.ts';
import type { Reader } from '../reader.ts';
import { backLink } from '../render-html.ts';

interface LiveNote {
  item: Element;
  content: Element;
  children: LiveChildren;
}

/**
 * The footnotes at the end of a growing text. `blocks`: the `LiveBlocks` of the same text. If a block in a footnote refers to an
 * undefined label, `blocks.waiting` contains this block, too.
 */
export function createLiveNotes(reader: Reader, blocks: LiveBlocks): { sync(): Element | null } {
  /** The notes by the line in which they begin. */
  const known = new Map<number, LiveNote>();
  let section: Element | null = null;

  function noteAt(line: number): LiveNote {
    const existing = known.get(line);
    if (existing) return existing;
    const item = createElement({ tag: 'li', children: [] });
    const content = createElement({ tag: 'div', children: [] });
    item.append(content);
    const note = { item, content, children: noChildren() };
    known.set(line, note);
    return note;
  }

  return {
    sync() {
      const notes = reader.notes();
      if (notes.length === 0) return null;
      const attributes = { class: 'footnotes', 'aria-label': reader.labels.footnotes };
      section ??= createElement({
        tag: 'section',
        attributes,
        children: [{ tag: 'ol', attributes: { dir: 'auto' }, children: [] }],
      });
      const list = section.firstElementChild!;
      notes.forEach(({ block, number, id, backTo }, index) => {
        const { item, content, children } = noteAt(block.startLine);
        blocks.sync(children, block, content);
        item.id = id;
        item.setAttribute('value', String(number));
        item.querySelector(':scope > .back')?.remove();
        if (backTo !== null)
          item.append(createElement({ tag: 'span', children: [backLink(backTo, reader)] }).firstChild!);
        if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
      });
      while (list.children.length > notes.length) list.lastElementChild!.remove();
      return section;
    },
  };
}
