import { splitRow } from './blocks/block-starts.ts';
import { columnsOf } from './table-columns.ts';
import { containerDirection } from './direction.ts';
import type { Block, TableData } from './blocks/block.ts';
import { formulaView } from './inline/formulas.ts';
import { languageLabel } from './language-label.ts';
import { element, type Attributes, type View, type ViewElement } from './view.ts';
import type { Reader } from './reader.ts';
import { fill } from '~/words/words.ts';

/** The element of a block, and the path (indexes of children) from this element to the one that holds the block's content. */
export interface Shell {
  element: ViewElement;
  path: readonly number[];
}

type TableSide = TableData['align'][number];

const DIRECTION = { dir: 'auto' };
const shell = (tag: string, attributes?: Attributes): Shell => ({ element: element(tag, attributes, []), path: [] });

export function shellOf(block: Block, reader: Reader): Shell {
  switch (block.kind) {
    case 'quote':
      return shell('blockquote', containerDirection(block));
    case 'list':
      return listShell(block);
    case 'item':
      return shell('li', taskBox(block) ? { class: 'task' } : undefined);
    case 'paragraph':
      return shell('p', block.isContinued ? { ...DIRECTION, class: 'continued' } : DIRECTION);
    case 'formula':
      return shell('p', block.isOpen ? DIRECTION : { dir: 'ltr' });
    case 'heading':
      return shell(`h${reader.headingLevel(block.level)}`, DIRECTION);
    case 'code':
      return codeShell(block, reader);
    case 'html':
      return shell('div', { ...DIRECTION, class: 'raw' });
    case 'chunk':
      return shell('span', { class: 'lines' });
    case 'rule':
      return shell('hr');
    case 'table':
      return tableShell(block, reader);
    case 'row':
      return shell('tr');
    case 'root':
    case 'footnote':
      return shell('div');
  }
}

function listShell(block: Block): Shell {
  const { isContinued } = block;
  const { isOrdered, start, isLoose } = block.list!;
  const names = [...(isLoose ? [] : ['tight']), ...(isContinued ? ['continued'] : [])];
  return shell(isOrdered ? 'ol' : 'ul', {
    ...containerDirection(block),
    ...(isOrdered && start !== 1 ? { start: String(start) } : {}),
    ...(names.length > 0 ? { class: names.join(' ') } : {}),
  });
}

const TASK = /^\[([ xX])\](?=\s)/;

/** Matches the check box at the beginning of a task item: `[ ]` or `[x]`. */
function taskBox(item: Block): RegExpExecArray | null {
  const first = item.children[0];
  return first?.kind === 'paragraph' ? TASK.exec(first.text) : null;
}

/** A cache of the elements around code. Its key contains the text of the copy button, which differs in each language of the page. */
const frames = new Map<string, Shell>();
const MAX_FRAMES = 200;

function codeShell({ fence }: Block, { labels }: Reader): Shell {
  const name = fence?.info.split(/\s/, 1)[0] ?? '';
  const key = `${labels.copyCode} ${name}`;
  const known = frames.get(key);
  if (known) return known;
  const made = frameFor(name, labels);
  if (frames.size < MAX_FRAMES && name.length < 30) frames.set(key, made);
  return made;
}

function frameFor(name: string, labels: Reader['labels']): Shell {
  const label = languageLabel(name) || labels.plainText;
  return {
    element: element('figure', { class: 'code', dir: 'ltr' }, [
      element('figcaption', undefined, [element('span', undefined, [label]), copyButton(labels.copyCode)]),
      element('pre', { tabindex: '0', 'aria-label': fill(labels.codeIn, { language: label }) }, [
        { ...element('code', name === '' ? undefined : { 'data-language': name }, []) },
      ]),
    ]),
    path: [1, 0],
  };
}

const icon = (name: string, path: string): View =>
  element(
    'svg',
    {
      class: `icon ${name}`,
      viewBox: '0 0 24 24',
      width: '18',
      height: '18',
      'aria-hidden': 'true',
      focusable: 'false',
    },
    [element('path', { d: path }, [])],
  );

/** The button that copies code. `enhance-answer.ts` handles its clicks. It is hidden where scripts are off. */
const copyButton = (label: string): View => ({
  ...element('button', { type: 'button', class: 'icon-button needs-script copy-code', title: label }, [
    icon('when-idle', 'M9 9h10v10H9zM5 15V5h10'),
    icon('when-copied', 'M5 13l4 4L19 7'),
    element('span', { class: 'sr-only', 'aria-live': 'polite' }, [label]),
  ]),
  opaque: true,
});

function tableShell({ table, isContinued, children: [first] }: Block, reader: Reader): Shell {
  const body = element('tbody', undefined, []);
  const { firstRow = first?.isSettled ? first.text : '' } = table!;
  const parts = isContinued ? [body] : [tableHead(table!, firstRow, reader), body];
  const names = isContinued ? 'table-scroll continued' : 'table-scroll';
  return {
    element: element('div', { class: names, role: 'region', 'aria-label': reader.labels.table, tabindex: '0' }, [
      element('table', DIRECTION, parts),
    ]),
    path: [0, parts.length - 1],
  };
}

function tableHead(table: TableData, firstRow: string, reader: Reader): ViewElement {
  const { align, isPresumed } = table;
  const { heads, classes } = columnsOf(table, firstRow);
  const cells = align.map((side, index) => {
    const growing = isPresumed && index === align.length - 1;
    const names = cellClass(side, growing ? '' : classes[index]);
    return element('th', { scope: 'col', ...names }, reader.inline(heads[index] ?? '', growing));
  });
  return element('thead', undefined, [element('tr', undefined, cells)]);
}

export interface ReadBlock {
  shell: Shell;
  /** The block's own content; `null` if the block contains other blocks. */
  views: readonly View[] | null;
  /** The labels of links and footnotes to which the block refers, and which have no definition so far. */
  missing: ReadonlySet<string>;
}

export function readBlock(block: Block, parent: Block, reader: Reader): ReadBlock {
  let read: Omit<ReadBlock, 'missing'> | undefined;
  const missing = reader.missingIn(block, () => {
    read = { shell: shellOf(block, reader), views: contentOf(block, parent, reader) };
  });
  return { ...read!, missing };
}

function contentOf(block: Block, parent: Block, reader: Reader): readonly View[] | null {
  switch (block.kind) {
    case 'paragraph':
      return paragraphViews(block, parent, reader);
    case 'heading':
      return reader.inline(block.text, block.isOpen);
    case 'chunk':
      return parent.kind === 'html' ? htmlViews(block.text) : [block.text];
    case 'formula':
      return formulaViews(block, reader);
    case 'row':
      return rowViews(block, parent, reader);
    case 'rule':
      return [];
    default:
      return null;
  }
}

function paragraphViews(block: Block, parent: Block, reader: Reader): readonly View[] {
  const task = parent.kind === 'item' && parent.children[0] === block ? taskBox(parent) : null;
  if (!task) return reader.inline(block.text, block.isOpen);
  const isDone = task[1] !== ' ';
  const box = element(
    'input',
    {
      type: 'checkbox',
      disabled: '',
      ...(isDone ? { checked: '' } : {}),
      'aria-label': isDone ? reader.labels.done : reader.labels.toDo,
    },
    [],
  );
  return [box, ...reader.inline(block.text.slice(task[0].length).trimStart(), block.isOpen)];
}

const LINE_BREAK = /<br\s?\/?>/i;

/** HTML is shown as text. Only `<br>` becomes a line break. */
function htmlViews(text: string): View[] {
  if (!text.includes('<')) return text === '' ? [] : [text];
  return text.split(LINE_BREAK).flatMap((part, index) => {
    const texts = part === '' ? [] : [part];
    return index === 0 ? texts : [element('br', undefined, []), ...texts];
  });
}

function formulaViews({ text, isOpen }: Block, reader: Reader): readonly View[] {
  if (isOpen) return [text];
  const tex = text.slice(2, -2).trim();
  return tex === '' ? [text] : reader.formula(formulaView(text, tex, true));
}

const cellClass = (side: TableSide | undefined, width = ''): Attributes => {
  const names = [side, width].filter(Boolean);
  return names.length > 0 ? { class: names.join(' ') } : {};
};

function rowViews(row: Block, { table, isContinued }: Block, reader: Reader): View[] {
  const { align, firstRow = '' } = table!;
  const cells = splitRow(row.text, align.length);
  // A table that continues another one has no header cells to set the width of a column. So each of its cells gets the class for the width.
  const classes = isContinued ? columnsOf(table!, firstRow).classes : [];
  const views: View[] = cells.map((cell, index) => {
    const side = align[index];
    const growing = !row.isSettled && index === cells.length - 1;
    return element('td', cellClass(side, classes[index]), reader.inline(cell, growing));
  });
  const missing = align.length - cells.length;
  // All missing cells become one cell, so that a short text cannot create a large number of cells.
  if (missing > 0) views.push(element('td', missing > 1 ? { colspan: String(missing) } : undefined, []));
  return views;
}
