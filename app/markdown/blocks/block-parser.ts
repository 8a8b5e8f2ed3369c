import { definitionAt, normalizeLabel, type Definition } from '../inline/link-parts.ts';
import { tagEnd } from '../inline/raw-html.ts';
import { isContainer, lastLineOf, newBlock, type Block, type BlockKind } from './block.ts';
import {
  endsHtml,
  fenceAt,
  footnoteAt,
  headingAt,
  htmlKindAt,
  isFenceEnd,
  isRule,
  markerAt,
  splitRow,
  tableOf,
  underlineAt,
} from './block-starts.ts';
import { advanceColumns, isBlankAt, readLine, restOf, toNext, type Line } from './line.ts';
import { snapshot } from './snapshot.ts';
import { cutParagraph, MAX_PARAGRAPH } from './long-paragraph.ts';

/** Blocks within blocks. What is nested deeper is text. */
const MAX_DEPTH = 32;
/** Items of a list and rows of a table. The next begins a further list or table that looks like the same one. */
const MAX_CHILDREN = 200;
const MAX_CHUNK = 8_000;
const MAX_FORMULA_LINES = 2_000;
/** More than a model writes at once. What follows is shown as the text that it is, which costs next to nothing. */
const MAX_BLOCKS = 15_000;
const MAX_TEXT = 250_000;

/** Of HTML that nothing ends. */
const PLAIN = 1_000;

/** Builds the blocks of a text line by line. Each line takes time in proportion to its length. */
export interface BlockParser {
  root: Block;
  definitions: ReadonlyMap<string, Definition>;
  /** Footnotes by their normalized label. */
  footnotes: ReadonlyMap<string, Block>;
  /** All of them, in the order of the text. They are in no other block. */
  notes: readonly Block[];
  /** Takes a line. `isWhole`: its end is there as well; otherwise `addText` goes on with it. */
  takeLine(text: string, isWhole: boolean): void;
  /** The next part of a line that is too long to be taken at once. */
  addText(text: string, isWhole: boolean): void;
  /** Ends what is open. */
  end(): void;
  /** Shows `look` the blocks as if `line` were their last line, and forgets the line again. */
  tryLine(line: string | null, look: () => void): void;
  /** The same with the next part of a long line. */
  tryText(text: string, look: () => void): void;
}

export function createBlockParser(): BlockParser {
  const root = newBlock('root', 0);
  /** The blocks that are open, from the root inwards. */
  let open: Block[] = [root];
  let lineNumber = 0;
  let isTrial = false;
  const size = { blocks: 0, text: 0 };
  const definitions = new Map<string, Definition>();
  const footnotes = new Map<string, Block>();
  const notes: Block[] = [];

  const tip = () => open.at(-1)!;

  function closeTo(depth: number): void {
    while (open.length > depth) close(open.pop()!);
  }

  function close(block: Block): void {
    block.isOpen = false;
    if (block.kind === 'formula') becomeText(block);
    if (block.kind === 'paragraph') takeDefinitions(block);
    if (block.kind === 'code' || block.kind === 'html') endLines(block);
    if (!isTrial) block.isSettled = true;
  }

  /** Removes a paragraph of which nothing is left. */
  function removeIfEmpty(block: Block): void {
    if (block.text.trim() !== '') return;
    const siblings = open.at(-1)!.children;
    if (siblings.at(-1) === block) siblings.pop();
  }

  function takeDefinitions(block: Block): void {
    if (block.text.startsWith('[')) {
      let at = 0;
      for (;;) {
        const found = block.text[at] === '[' ? definitionAt(block.text, at) : null;
        if (!found) break;
        if (!definitions.has(found.label)) definitions.set(found.label, { href: found.href, title: found.title });
        at = found.end;
      }
      block.text = block.text.slice(at);
    }
    block.text = block.text.trimEnd();
    if (open.at(-1) !== block) removeIfEmpty(block);
  }

  /** Adds a block to the last open one that can hold it. */
  function add(kind: BlockKind, fields: Partial<Block> = {}): Block {
    while (!isContainer(tip()) || (tip().kind === 'list' && kind !== 'item')) close(open.pop()!);
    const parent = tip();
    noteGap(parent);
    const block = newBlock(kind, lineNumber, fields);
    size.blocks += 1;
    size.text += block.text.length;
    if (kind === 'footnote') {
      const label = normalizeLabel(block.label);
      if (!footnotes.has(label)) footnotes.set(label, block);
      notes.push(block);
    } else parent.children.push(block);
    open.push(block);
    return block;
  }

  /** A list is loose if there is an empty line between its items, or between two blocks of one of them. */
  function noteGap(parent: Block): void {
    const list = parent.kind === 'list' ? parent : parent.kind === 'item' ? open.at(-2) : null;
    const last = parent.children.at(-1);
    if (list?.list && !list.list.isLoose && last && lastLineOf(last) < lineNumber - 1)
      list.list = { ...list.list, isLoose: true };
  }

  /** Too much for a person to read: the rest is one block of plain lines, whatever it says. */
  function takeRest(text: string): void {
    if (open.length !== 2 || tip().htmlKind !== PLAIN) {
      closeTo(1);
      add('html', { htmlKind: PLAIN });
    }
    addToChunk(tip(), text);
  }

  function takeLine(text: string, isWhole: boolean): void {
    lineNumber += 1;
    if ((size.blocks > MAX_BLOCKS || size.text > MAX_TEXT) && tip().kind !== 'code') return takeRest(text);
    const line = readLine(text);
    const matched = goOn(line);
    if (matched === null) return;
    const allMatched = matched === open.length;
    const last = open[matched - 1]!;
    let depth = matched;
    if (isContainer(last) || last.kind === 'paragraph' || last.kind === 'table') {
      for (;;) {
        const started = start(line, depth, isWhole);
        if (started === 'leaf') return;
        if (started === null) break;
        depth = started;
      }
    }
    const isNew = depth !== matched || open[matched - 1] !== last;
    if (!isNew && !allMatched && !line.isBlank && tip().kind === 'paragraph') return addToParagraph(line);
    if (!isNew) closeTo(matched);
    addLine(line, isWhole);
  }

  /** How many of the open blocks the line goes on with; `null`: the line has been used up. */
  function goOn(line: Line): number | null {
    let depth = 1;
    for (; depth < open.length; depth += 1) {
      const block = open[depth]!;
      switch (block.kind) {
        case 'quote':
          if (line.indent > 3 || line.text[line.next] !== '>') return depth;
          toNext(line);
          advanceColumns(line, 1);
          if (isBlankAt(line, line.offset)) advanceColumns(line, 1);
          block.endLine = lineNumber;
          break;
        case 'list':
          break;
        case 'item':
        case 'footnote':
          if (line.isBlank) {
            // An item that begins with an empty line has that one only.
            if (block.children.length === 0 && block.kind === 'item') return depth;
            toNext(line);
          } else if (line.indent >= block.indent) advanceColumns(line, block.indent);
          else return depth;
          break;
        case 'code': {
          const { fence } = block;
          if (!fence) {
            if (line.indent >= 4) advanceColumns(line, 4);
            else if (line.isBlank) toNext(line);
            else return depth;
            break;
          }
          if (line.indent <= 3 && line.text[line.next] === fence.sign && isFenceEnd(line.text, line.next, fence)) {
            block.endLine = lineNumber;
            closeTo(depth);
            return null;
          }
          for (let left = fence.indent; left > 0 && isBlankAt(line, line.offset); left -= 1) advanceColumns(line, 1);
          break;
        }
        case 'html':
          if (line.isBlank && block.htmlKind >= 6) return depth;
          break;
        case 'paragraph':
        case 'table':
          if (line.isBlank) return depth;
          break;
        case 'formula':
          if (line.isBlank || block.text.length > MAX_FORMULA_LINES) return depth;
          break;
        default:
          return depth;
      }
    }
    return depth;
  }

  /** Begins the block that the line begins with, in the first `depth` open ones. */
  function start(line: Line, depth: number, isWhole: boolean): number | 'leaf' | null {
    const container = open[depth - 1]!;
    const isInParagraph = container.kind === 'paragraph';
    if (line.indent > 3) {
      if (isInParagraph || container.kind === 'table' || line.isBlank || tip().kind === 'paragraph') return null;
      closeTo(depth);
      advanceColumns(line, 4);
      add('code');
      addCode(line);
      return 'leaf';
    }
    if (line.isBlank) return null;
    const { text, next } = line;
    const canNest = depth < MAX_DEPTH;
    if (text[next] === '>' && canNest) {
      closeTo(depth);
      toNext(line);
      advanceColumns(line, 1);
      if (isBlankAt(line, line.offset)) advanceColumns(line, 1);
      add('quote');
      return open.length;
    }
    const heading = headingAt(text, next);
    if (heading) {
      closeTo(depth);
      add('heading', heading);
      if (isWhole) close(open.pop()!);
      return 'leaf';
    }
    const fence = fenceAt(text, next, line.indent);
    if (fence) {
      closeTo(depth);
      add('code', { fence });
      return 'leaf';
    }
    const html = htmlKindAt(text, next, tagEnd);
    // The last kind cannot interrupt a paragraph, not even one that would go on lazily.
    if (html > 0 && (html < 7 || (!isInParagraph && tip().kind !== 'paragraph'))) {
      closeTo(depth);
      add('html', { htmlKind: html });
      addLine(line, isWhole);
      return 'leaf';
    }
    if (isInParagraph && depth === open.length) {
      const level = underlineAt(text, next);
      if (level !== null) {
        takeDefinitions(container);
        if (container.text !== '') {
          const { startLine, text: title } = container;
          replaceTip(newBlock('heading', startLine, { level, text: title, endLine: lineNumber }));
          close(open.pop()!);
          return 'leaf';
        }
      }
      if (startTable(container, text)) return 'leaf';
    }
    if (isRule(text, next)) {
      closeTo(depth);
      add('rule');
      close(open.pop()!);
      return 'leaf';
    }
    const trimmed = text.slice(next).trimEnd();
    if (trimmed === '$$' || trimmed === '\\[') {
      closeTo(depth);
      add('formula', { text: trimmed });
      return 'leaf';
    }
    return canNest ? (startFootnote(line, depth) ?? startItem(line, depth, isInParagraph)) : null;
  }

  function replaceTip(block: Block): void {
    open.pop();
    const { children } = tip();
    children[children.length - 1] = block;
    open.push(block);
  }

  /** A line of dashes makes a table of the last line of a paragraph. */
  function startTable(paragraph: Block, dashes: string): boolean {
    if (!dashes.includes('|') || !dashes.includes('-')) return false;
    const from = paragraph.text.lastIndexOf('\n') + 1;
    const table = tableOf(paragraph.text.slice(from), dashes);
    if (!table) return false;
    const block = newBlock('table', lineNumber - 1, { table, endLine: lineNumber });
    if (from === 0) replaceTip(block);
    else {
      paragraph.text = paragraph.text.slice(0, from - 1);
      paragraph.endLine -= 1;
      close(open.pop()!);
      tip().children.push(block);
      open.push(block);
    }
    return true;
  }

  function startFootnote(line: Line, depth: number): number | null {
    const footnote = footnoteAt(line.text, line.next);
    if (!footnote) return null;
    closeTo(depth);
    toNext(line);
    advanceColumns(line, footnote.length);
    add('footnote', { label: footnote.label, indent: 4 });
    toNext(line);
    return open.length;
  }

  function startItem(line: Line, depth: number, isInParagraph: boolean): number | null {
    const marker = markerAt(line.text, line.next);
    if (!marker) return null;
    const { length, ...data } = marker;
    const container = open[depth - 1]!;
    // A number within a paragraph begins a list only if it is 1, and an empty item never does.
    const isEmpty = line.text.slice(line.next + length).trim() === '';
    if (isInParagraph && (isEmpty || (data.isOrdered && data.start !== 1))) return null;
    const list = container.kind === 'list' ? container : null;
    if (!list && depth >= MAX_DEPTH - 1) return null;
    closeTo(depth);
    const { indent } = line;
    toNext(line);
    advanceColumns(line, length);
    const blanks = line.nextColumn - line.column;
    const isCode = blanks >= 5;
    const width = isEmpty || isCode || blanks === 0 ? 1 : blanks;
    if (!isEmpty) advanceColumns(line, width);
    const isSame = list?.list && list.list.isOrdered === data.isOrdered && list.list.sign === data.sign;
    if (!isSame) {
      if (list) close(open.pop()!);
      add('list', { list: data });
    } else if (list.children.length >= MAX_CHILDREN) continueList(list);
    add('item', { indent: indent + length + width });
    return open.length;
  }

  function continueList(list: Block): void {
    const data = list.list!;
    close(open.pop()!);
    noteGap(tip());
    const start = data.isOrdered ? data.start + list.children.length : 0;
    add('list', { list: { ...data, start }, isContinued: true });
  }

  function addLine(line: Line, isWhole: boolean): void {
    const block = tip();
    switch (block.kind) {
      case 'paragraph':
        return line.isBlank ? undefined : addToParagraph(line);
      case 'code':
        return addCode(line);
      case 'html':
        addToChunk(block, restOf(line));
        if (isWhole && endsHtml(line.text, block.htmlKind)) close(open.pop()!);
        return;
      case 'table':
        return addRow(block, line);
      case 'formula':
        return addToFormula(block, line);
      default:
        if (line.isBlank) return;
        add('paragraph', { text: line.text.slice(line.next) });
        splitParagraph();
    }
  }

  function addToParagraph(line: Line): void {
    const block = tip();
    const text = line.text.slice(line.next);
    // Definitions that another one follows are whole: no title can begin with a bracket.
    if (text.startsWith('[') && block.text.startsWith('[')) takeDefinitions(block);
    block.text = block.text === '' ? text : `${block.text}\n${text}`;
    size.text += text.length;
    block.endLine = lineNumber;
    splitParagraph();
  }

  function splitParagraph(): void {
    while (tip().text.length > MAX_PARAGRAPH) {
      const block = tip();
      const { text } = block;
      const at = cutParagraph(text);
      block.text = text.slice(0, at).trimEnd();
      open.pop();
      block.isOpen = false;
      if (!isTrial) block.isSettled = true;
      const rest = newBlock('paragraph', block.startLine, { text: text.slice(at).trimStart(), isContinued: true });
      rest.endLine = block.endLine;
      tip().children.push(rest);
      open.push(rest);
    }
  }

  function addCode(line: Line): void {
    const block = tip();
    // The empty lines at the end of indented code are not part of it.
    if (!line.isBlank || block.fence) block.endLine = lineNumber;
    addToChunk(block, restOf(line));
  }

  /** Adds a line to the last chunk of a block of lines, or begins another chunk. */
  function addToChunk(block: Block, text: string): void {
    const chunk = block.children.at(-1);
    if (chunk && chunk.text.length + text.length < MAX_CHUNK) {
      chunk.text += `\n${text}`;
      return;
    }
    if (chunk) {
      chunk.text += '\n';
      chunk.isOpen = false;
      if (!isTrial) chunk.isSettled = true;
    }
    block.children.push(newBlock('chunk', lineNumber, { text }));
  }

  function endLines(block: Block): void {
    if (!block.fence && block.kind === 'code') {
      while (block.children.length > 1 && block.children.at(-1)!.text.trim() === '') block.children.pop();
      const last = block.children.at(-1);
      if (last) last.text = withoutBlankLines(last.text);
    }
    const last = block.children.at(-1);
    if (!last) return;
    last.isOpen = false;
    if (!isTrial) last.isSettled = true;
  }

  function addRow(block: Block, line: Line): void {
    let table = block;
    if (table.children.length >= MAX_CHILDREN) {
      close(open.pop()!);
      table = newBlock('table', lineNumber, { table: table.table, isContinued: true });
      tip().children.push(table);
      open.push(table);
    }
    size.blocks += 1;
    size.text += line.text.length;
    const row = newBlock('row', lineNumber, { text: line.text.slice(line.next), isOpen: false, isSettled: !isTrial });
    table.children.push(row);
    table.endLine = lineNumber;
  }

  function addToFormula(block: Block, line: Line): void {
    const text = line.text.slice(line.next).trimEnd();
    const closing = block.text.startsWith('$$') ? '$$' : '\\]';
    block.text += `\n${text}`;
    block.endLine = lineNumber;
    if (!text.endsWith(closing)) return;
    block.isOpen = false;
    if (!isTrial) block.isSettled = true;
    open.pop();
  }

  /** A formula that was not closed is text. */
  function becomeText(block: Block): void {
    block.kind = 'paragraph';
  }

  function addText(text: string, isWhole: boolean): void {
    if (size.text > MAX_TEXT && tip().kind !== 'code' && tip().htmlKind !== PLAIN) return takeRest(text);
    const block = tip();
    if (block.kind === 'paragraph') {
      size.text += text.length;
      block.text += text;
      splitParagraph();
    } else if (block.kind === 'code' || block.kind === 'html') {
      const last = block.children.at(-1);
      if (last && last.text.length + text.length < 2 * MAX_CHUNK) last.text += text;
      else {
        if (last && !isTrial) last.isSettled = true;
        block.children.push(newBlock('chunk', lineNumber, { text }));
      }
      if (isWhole && endsHtml(text, block.htmlKind)) close(open.pop()!);
    } else if (text.trim() !== '') {
      add('paragraph', { text, isContinued: true });
    }
  }

  function attempt(change: () => void, look: () => void): void {
    const restore = snapshot(open, [definitions, footnotes], notes);
    const [openBefore, numberBefore, sizeBefore] = [open, lineNumber, { ...size }];
    open = [...open];
    isTrial = true;
    try {
      change();
      presumeTable();
      look();
    } finally {
      isTrial = false;
      open = openBefore;
      lineNumber = numberBefore;
      Object.assign(size, sizeBefore);
      restore();
    }
  }

  /** A line that begins with `|` is shown as the head of a table at once. Its next line decides. */
  function presumeTable(): void {
    const block = tip();
    if (block.kind !== 'paragraph' || !block.text.startsWith('|') || block.text.includes('\n')) return;
    const align = splitRow(block.text).map(() => null);
    replaceTip(newBlock('table', block.startLine, { table: { header: block.text, align, isPresumed: true } }));
  }

  return {
    root,
    definitions,
    footnotes,
    notes,
    takeLine,
    addText,
    end: () => {
      closeTo(1);
      root.isSettled = true;
    },
    tryLine: (line, look) => attempt(() => line !== null && takeLine(line, false), look),
    tryText: (text, look) => attempt(() => addText(text, false), look),
  };
}

/** A text without the lines at its end that are blank. */
function withoutBlankLines(text: string): string {
  const end = text.trimEnd().length;
  const lineEnd = text.indexOf('\n', end);
  return lineEnd < 0 ? text : text.slice(0, lineEnd);
}
