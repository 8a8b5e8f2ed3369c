import { tagEnd } from '../inline/raw-html.ts';
import type { Definition } from '../inline/link-parts.ts';
import { createBlockContent, MAX_CHILDREN, MAX_TEXT, PLAIN } from './block-content.ts';
import { isContainer, newBlock, type Block } from './block.ts';
import {
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
import { beginsFormula, goesOnWith } from './display-formula.ts';
import { advanceColumns, isBlankAt, readLine, restOf, toNext, type Line } from './line.ts';
import { createOpenBlocks } from './open-blocks.ts';
import { snapshot } from './snapshot.ts';

/** Maximum depth of nested quotes, lists and footnotes. The marks of blocks at a greater depth are shown as text. */
const MAX_DEPTH = 32;
/**
 * Maximum number of blocks: more than a model writes in one answer. Further text is shown without formatting. {@link MAX_TEXT} is
 * the same limit for characters.
 */
const MAX_BLOCKS = 15_000;

/** Builds the blocks of a text line by line. Each line takes time in proportion to its length. */
export interface BlockParser {
  root: Block;
  definitions: ReadonlyMap<string, Definition>;
  /** Footnotes by their normalized label. */
  footnotes: ReadonlyMap<string, Block>;
  /** All footnotes, in the order of the text. They are not among the `children` of any block. */
  notes: readonly Block[];
  /** Takes a line. `isWhole`: the line is complete. Otherwise `addText` takes the rest of it. */
  takeLine(text: string, isWhole: boolean): void;
  /** Takes the next part of a line that is too long to be taken in one piece. */
  addText(text: string, isWhole: boolean): void;
  /** True if the text has exceeded a limit, so that the rest of the text is shown as plain lines. */
  readonly isPlain: boolean;
  /**
   * Only if `isPlain` is true: adds whole lines of `text`, beginning at `from`. Plain lines are stored in chunks of limited size.
   * This method fills the last chunk and stops when the chunk is full, or before a line longer than `maxLine`. Returns the position
   * after the added lines.
   */
  takePlainLines(text: string, from: number, maxLine: number): number;
  end(): void;
  /** Adds `line`, calls `look`, and removes the line again. If `line` is `null`, no line is added. */
  tryLine(line: string | null, look: () => void): void;
  /** Like `tryLine`, with the next part of a long line. */
  tryText(text: string, look: () => void): void;
}

export function createBlockParser(): BlockParser {
  const blocks = createOpenBlocks();
  const { root, tip, close, closeTo, add, addBeside, replaceTip, takeDefinitions } = blocks;
  const content = createBlockContent(blocks);
  const { addToParagraph, splitParagraph, addCode, addToChunk, addRow, addToFormula, endHtml } = content;

  function takeLine(text: string, isWhole: boolean): void {
    const isTooMuch = blocks.size.blocks > MAX_BLOCKS || blocks.size.text > MAX_TEXT;
    if (isTooMuch && tip().kind !== 'code') return content.takeRest(text);
    blocks.lineNumber += 1;
    const line = readLine(text);
    const matched = goOn(line);
    if (matched === null) return;
    const allMatched = matched === blocks.open.length;
    const last = blocks.open[matched - 1]!;
    let depth = matched;
    if (isContainer(last) || last.kind === 'paragraph' || last.kind === 'table') {
      for (;;) {
        const started = start(line, depth, isWhole);
        if (started === 'leaf') return;
        if (started === null) break;
        depth = started;
      }
    }
    const isNew = depth !== matched || blocks.open[matched - 1] !== last;
    if (!isNew && !allMatched && !line.isBlank && tip().kind === 'paragraph') return addToParagraph(line);
    if (!isNew) closeTo(matched);
    addLine(line, isWhole);
  }

  /** The number of open blocks that the line continues, counted from the outermost block. `null`: the line closes fenced code. */
  function goOn(line: Line): number | null {
    let depth = 1;
    for (; depth < blocks.open.length; depth += 1) {
      const block = blocks.open[depth]!;
      switch (block.kind) {
        case 'quote':
          if (line.indent > 3 || line.text[line.next] !== '>') return depth;
          toNext(line);
          advanceColumns(line, 1);
          if (isBlankAt(line, line.offset)) advanceColumns(line, 1);
          block.endLine = blocks.lineNumber;
          break;
        case 'list':
          break;
        case 'item':
        case 'footnote':
          if (line.isBlank) {
            // An item may begin with one empty line. A second empty line ends the item.
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
            block.endLine = blocks.lineNumber;
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
          if (!goesOnWith(block.text, line.text.slice(line.next))) return depth;
          break;
        default:
          return depth;
      }
    }
    return depth;
  }

  /**
   * Begins a block if the text at the current position of the line starts one. Open blocks beyond the first `depth` are closed
   * first. Returns `null` if no block starts here, `leaf` if the rest of the line belongs to the new block, and the new depth if
   * the rest of the line may start a further block inside the new one.
   */
  function start(line: Line, depth: number, isWhole: boolean): number | 'leaf' | null {
    const container = blocks.open[depth - 1]!;
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
      return blocks.open.length;
    }
    const heading = headingAt(text, next);
    if (heading) {
      closeTo(depth);
      add('heading', heading);
      if (isWhole) close(blocks.open.pop()!);
      return 'leaf';
    }
    const fence = fenceAt(text, next, line.indent);
    if (fence) {
      closeTo(depth);
      add('code', { fence });
      return 'leaf';
    }
    const html = htmlKindAt(text, next, tagEnd);
    // HTML of kinds 1 to 6 can interrupt a paragraph. Kind 7 cannot interrupt a paragraph, even if the line lacks the mark of the
    // quote or item around the paragraph (a lazy continuation line, CommonMark 5.1).
    // In a table, an unfinished line of kind 7 may still become a row.
    const mayBeTag = !isInParagraph && tip().kind !== 'paragraph' && (isWhole || tip().kind !== 'table');
    if (html > 0 && (html < 7 || mayBeTag)) {
      closeTo(depth);
      add('html', { htmlKind: html });
      addLine(line, isWhole);
      return 'leaf';
    }
    if (isInParagraph && depth === blocks.open.length) {
      const level = underlineAt(text, next);
      if (level !== null) {
        takeDefinitions(container);
        if (container.text !== '') {
          const { startLine, text: title } = container;
          replaceTip(newBlock('heading', startLine, { level, text: title.trimEnd(), endLine: blocks.lineNumber }));
          close(blocks.open.pop()!);
          return 'leaf';
        }
      }
      if (startTable(container, text.slice(next))) return 'leaf';
    }
    if (isRule(text, next)) {
      closeTo(depth);
      add('rule');
      close(blocks.open.pop()!);
      return 'leaf';
    }
    const trimmed = text.slice(next).trimEnd();
    if ((isWhole || trimmed.length === 2) && beginsFormula(trimmed, isInParagraph ? container.text : '')) {
      closeTo(depth);
      add('formula', { text: trimmed });
      return 'leaf';
    }
    return canNest ? (startFootnote(line, depth) ?? startItem(line, depth, isInParagraph)) : null;
  }

  /** If `dashes` is the line of dashes below the header of a table, the last line of the paragraph becomes that header. */
  function startTable(paragraph: Block, dashes: string): boolean {
    if (!dashes.includes('-')) return false;
    const from = paragraph.text.lastIndexOf('\n') + 1;
    const table = tableOf(paragraph.text.slice(from), dashes);
    if (!table) return false;
    const block = newBlock('table', blocks.lineNumber - 1, { table, endLine: blocks.lineNumber });
    if (from === 0) replaceTip(block);
    else {
      paragraph.text = paragraph.text.slice(0, from - 1);
      paragraph.endLine -= 1;
      close(blocks.open.pop()!);
      addBeside(block);
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
    return blocks.open.length;
  }

  function startItem(line: Line, depth: number, isInParagraph: boolean): number | null {
    const marker = markerAt(line.text, line.next);
    if (!marker) return null;
    const { length, ...data } = marker;
    const container = blocks.open[depth - 1]!;
    // Inside a paragraph, a number begins a list only if it is 1, and an empty item never begins a list.
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
      if (list) close(blocks.open.pop()!);
      add('list', { list: data });
    } else if (list.children.length >= MAX_CHILDREN) content.continueList(list);
    add('item', { indent: indent + length + width });
    return blocks.open.length;
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
        return endHtml(block, line.text, isWhole);
      case 'table':
        return addRow(block, line.text.slice(line.next));
      case 'formula':
        return addToFormula(block, line);
      default:
        if (line.isBlank) return;
        add('paragraph', { text: line.text.slice(line.next) });
        splitParagraph();
    }
  }

  function attempt(change: () => void, look: () => void): void {
    const restore = snapshot(blocks.open, [blocks.definitions, blocks.footnotes], blocks.notes);
    const [openBefore, numberBefore, sizeBefore] = [blocks.open, blocks.lineNumber, { ...blocks.size }];
    blocks.open = [...openBefore];
    blocks.isTrial = true;
    try {
      change();
      presumeTable();
      look();
    } finally {
      blocks.isTrial = false;
      blocks.open = openBefore;
      blocks.lineNumber = numberBefore;
      Object.assign(blocks.size, sizeBefore);
      restore();
    }
  }

  /** Shows a paragraph of one line that begins with `|` as the head of a table. Only the next line decides whether there is a table. */
  function presumeTable(): void {
    const block = tip();
    if (block.kind !== 'paragraph' || !block.text.startsWith('|') || block.text.includes('\n')) return;
    const align = splitRow(block.text).map(() => null);
    replaceTip(newBlock('table', block.startLine, { table: { header: block.text, align, isPresumed: true } }));
  }

  return {
    root,
    definitions: blocks.definitions,
    footnotes: blocks.footnotes,
    notes: blocks.notes,
    takeLine,
    addText: content.addText,
    get isPlain() {
      return tip().htmlKind === PLAIN;
    },
    takePlainLines: content.takePlainLines,
    end: () => {
      closeTo(1);
      root.isSettled = true;
    },
    tryLine: (line, look) => attempt(() => line !== null && takeLine(line, false), look),
    tryText: (text, look) => attempt(() => content.addText(text, false), look),
  };
}
