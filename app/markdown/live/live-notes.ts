import { createElement, createNode } from './dom.ts';
import { noChildren, type LiveBlocks, type LiveChildren } from './live-blocks.ts';
import type { Block } from '../blocks/block.ts';
import { createNoteNumbers, type NoteKey } from '../note-numbers.ts';
import type { MarkdownText } from '../parse-markdown.ts';
import type { Reader } from '../reader.ts';
import { backLink } from '../render-html.ts';

/** The footnotes at the end of a growing text. */
export interface LiveNotes {
  /** Updates the footnotes that have changed. */
  sync(): void;
  /**
   * To be called when the text has ended and all of it is shown. The numbers and ids become those of a text that is rendered at once.
   * They can differ, because a growing text also refers to footnotes that are not defined yet.
   */
  finish(): void;
}

interface LiveNote {
  block: Block;
  key: NoteKey;
  item: HTMLElement;
  content: Element;
  children: LiveChildren;
  isSettled: boolean;
  number: number | undefined;
  /** True if the item has a link back to the text. */
  hasLink: boolean;
}

export interface LiveNotesOptions {
  /** The element with the blocks of the text. The footnotes are its last child. */
  container: Element;
  text: MarkdownText;
  reader: Reader;
  /** The `LiveBlocks` of the same text. If a footnote refers to an undefined label, `blocks.waiting` contains its block, too. */
  blocks: LiveBlocks;
}

export function createLiveNotes({ container, text, reader, blocks }: LiveNotesOptions): LiveNotes {
  const { notes } = text.blocks;
  /** In the order of `notes`. */
  const live: LiveNote[] = [];
  const list = createElement({ tag: 'ol', attributes: { dir: 'auto' }, children: [] });
  const attributes = { class: 'footnotes', 'aria-label': reader.labels.footnotes };
  const section = createElement({ tag: 'section', attributes, children: [] });
  section.append(list);

  function add(block: Block): LiveNote {
    const item = document.createElement('li');
    const content = document.createElement('div');
    item.append(content);
    list.append(item);
    return {
      block,
      key: reader.numbers.keyOf(block),
      item,
      content,
      children: noChildren(),
      isSettled: false,
      number: undefined,
      hasLink: false,
    };
  }

  function setNumber(note: LiveNote, number: number | undefined, hasLink: boolean): void {
    if (number === undefined || (note.number === number && note.hasLink === hasLink)) return;
    const { item } = note;
    note.number = number;
    note.hasLink = hasLink;
    item.id = reader.noteId(number);
    item.setAttribute('value', String(number));
    item.querySelector(':scope > .back')?.remove();
    if (hasLink) item.append(createNode(backLink(number, reader)));
  }

  /** Gives the references in `marks` their final numbers. */
  function renumber(marks: Iterable<Element>, numbers: Reader['numbers']): void {
    for (const mark of marks) {
      const link = mark.querySelector('a');
      const target = link ?? mark;
      const key = reader.numbers.order[Number(target.textContent) - 1];
      // The browser's translation may have changed the digits.
      if (key === undefined) continue;
      const number = numbers.numberOf(key);
      if (target.textContent !== String(number)) target.textContent = String(number);
      if (!link) continue;
      const href = `#${reader.noteId(number)}`;
      if (link.getAttribute('href') !== href) link.setAttribute('href', href);
      if (numbers.refer(number)) link.id = reader.markId(number);
      else if (link.id) link.removeAttribute('id');
    }
  }

  return {
    sync() {
      notes.forEach((block, index) => {
        const note = (live[index] ??= add(block));
        if (!note.isSettled) {
          note.block = block;
          blocks.sync(note.children, block, note.content);
          note.isSettled = block.isSettled;
        }
        if (note.isSettled && note.number !== undefined) return;
        const number = reader.numbers.find(note.key);
        setNumber(note, number, number !== undefined && reader.numbers.isReferred(number));
      });
      for (const { item } of live.splice(notes.length)) item.remove();
      if (live.length === 0) section.remove();
      else if (section.parentNode !== container) container.append(section);
    },
    finish() {
      const numbers = createNoteNumbers(text.blocks);
      const marks = [...container.querySelectorAll('sup')].filter((mark) => !section.contains(mark));
      renumber(marks, numbers);
      const byBlock = new Map(live.map((note) => [note.block, note]));
      let next = list.firstElementChild;
      for (const { block } of numbers.inOrder()) {
        const { item, content } = byBlock.get(block)!;
        renumber(content.querySelectorAll('sup'), numbers);
        if (item === next) next = item.nextElementSibling;
        else list.insertBefore(item, next);
      }
      for (const note of live) {
        const number = numbers.find(numbers.keyOf(note.block))!;
        setNumber(note, number, numbers.isReferred(number));
      }
    },
  };
}
