import { ENDS_WITH_LINE, endsHtml, splitRow } from './block-starts.ts';
import { newBlock, type Block, type TableData } from './block.ts';
import { endOfFormula } from './display-formula.ts';
import { restOf, type Line } from './line.ts';
import { longestWord } from './longest-word.ts';
import { cutParagraph, MAX_PARAGRAPH } from './long-paragraph.ts';
import type { OpenBlocks } from './open-blocks.ts';

/**
 * Maximum number of items in a list, and of rows in a table. A further item or row begins a new list or table, which continues the
 * full list or table.
 */
export const MAX_CHILDREN = 200;
const MAX_CHUNK = 8_000;
/** Maximum number of characters outside code: more than a model writes in one answer. Further text is shown without formatting. */
export const MAX_TEXT = 250_000;

/**
 * The `htmlKind` of the block with the text beyond the limits. Unlike CommonMark's kinds 1 to 7, it has no end condition, so the
 * block never ends.
 */
export const PLAIN = 1_000;

/**
 * Adds lines to the innermost open block. If this block would become too large, the line goes into a new block, which continues the
 * full block.
 */
export function createBlockContent(blocks: OpenBlocks) {
  const { tip, close, closeTo, add, addBeside, noteGap, takeDefinitions, settle } = blocks;

  /** Adds text beyond the limits to one block of plain lines. */
  function takeRest(text: string): void {
    if (blocks.open.length !== 2 || tip().htmlKind !== PLAIN) {
      closeTo(1);
      add('html', { htmlKind: PLAIN });
    }
    addToChunk(tip(), text);
  }

  function takePlainLines(text: string, from: number, maxLine: number): number {
    const chunk = tip().children.at(-1);
    if (!chunk) return from;
    const limit = from + MAX_CHUNK - chunk.text.length;
    let end = from;
    for (let next = text.indexOf('\n', from); next >= 0 && next < limit; next = text.indexOf('\n', end)) {
      if (next - end > maxLine) break;
      end = next + 1;
    }
    if (end > from) chunk.text += `\n${text.slice(from, end - 1)}`;
    return end;
  }

  function continueList(list: Block): void {
    const data = list.list!;
    close(blocks.open.pop()!);
    noteGap(tip());
    const start = data.isOrdered ? data.start + list.children.length : 0;
    add('list', { list: { ...data, start }, isContinued: true });
  }

  function addToParagraph(line: Line): void {
    const block = tip();
    const text = line.text.slice(line.next);
    // A link definition (`[label]: url`) may have its title on the next line. A title does not begin with `[`, so the
    // definitions before this line are complete.
    if (text.startsWith('[') && block.text.startsWith('[')) takeDefinitions(block);
    block.text = block.text === '' ? text : `${block.text}\n${text}`;
    blocks.size.text += text.length;
    block.endLine = blocks.lineNumber;
    splitParagraph();
  }

  function splitParagraph(): void {
    while (tip().text.length > MAX_PARAGRAPH) {
      const block = tip();
      const { text } = block;
      const at = cutParagraph(text);
      block.text = text.slice(0, at).trimEnd();
      blocks.open.pop();
      settle(block);
      const rest = newBlock('paragraph', block.startLine, { text: text.slice(at).trimStart(), isContinued: true });
      rest.endLine = block.endLine;
      addBeside(rest);
    }
  }

  function addCode(line: Line): void {
    const block = tip();
    // Blank lines at the end of indented code are not part of the code, so a blank line does not move `endLine`.
    if (!line.isBlank || block.fence) block.endLine = blocks.lineNumber;
    addToChunk(block, restOf(line));
  }

  /**
   * Adds a line to a code or HTML block. The block's text is kept in chunks of about `MAX_CHUNK` characters. A full chunk is
   * settled, so it is not rendered again for each line that follows.
   */
  function addToChunk(block: Block, text: string): void {
    const chunk = block.children.at(-1);
    if (chunk && chunk.text.length + text.length < MAX_CHUNK) {
      chunk.text += `\n${text}`;
      return;
    }
    if (chunk) {
      chunk.text += '\n';
      settle(chunk);
    }
    block.children.push(newBlock('chunk', blocks.lineNumber, { text }));
  }

  function addRow(block: Block, text: string): void {
    let table = block;
    if (table.children.length >= MAX_CHILDREN) {
      close(blocks.open.pop()!);
      table = newBlock('table', blocks.lineNumber, { table: table.table, isContinued: true });
      addBeside(table);
    }
    blocks.size.blocks += 1;
    blocks.size.text += text.length;
    const row = newBlock('row', blocks.lineNumber, {
      text,
      isOpen: false,
      isSettled: !blocks.isTrial,
    });
    const [before] = table.children;
    if (before) table.table!.firstRow ??= before.text;
    if (row.isSettled && !table.isContinued) noteWords(table.table!, text);
    table.children.push(row);
    table.endLine = blocks.lineNumber;
  }

  function noteWords(table: TableData, row: string): void {
    const known = table.longestWords ?? [];
    const cells = splitRow(row, table.align.length);
    const longest = table.align.map((_, index) => Math.max(known[index] ?? 0, longestWord(cells[index] ?? '')));
    if (longest.some((length, index) => length !== known[index])) table.longestWords = longest;
  }

  function addToFormula(block: Block, line: Line): void {
    const text = line.text.slice(line.next).trimEnd();
    const end = endOfFormula(block.text, text);
    block.text += `\n${text}`;
    block.endLine = blocks.lineNumber;
    if (end === 'line end') {
      settle(block);
      blocks.open.pop();
    } else if (end === 'within') {
      block.kind = 'paragraph';
      splitParagraph();
    }
  }

  /** Closes an HTML block if `text` ends it, but not before the line ends. */
  function endHtml(block: Block, text: string, isWhole: boolean): void {
    if (!endsHtml(text, block.htmlKind)) return;
    if (isWhole) close(blocks.open.pop()!);
    else block.htmlKind = ENDS_WITH_LINE;
  }

  /** Adds the next part of a long row as a further row. Empty cells before this part keep it in its column. */
  function addToRow(block: Block, text: string): void {
    if (!/[^|\s]/.test(text)) return;
    const cells = splitRow(block.children.at(-1)!.text, block.table!.align.length);
    addRow(block, '|'.repeat(cells.length) + text);
  }

  function addText(text: string, isWhole: boolean): void {
    if (blocks.size.text > MAX_TEXT && tip().kind !== 'code' && tip().htmlKind !== PLAIN) return takeRest(text);
    const block = tip();
    if (block.kind === 'paragraph') {
      blocks.size.text += text.length;
      block.text += text;
      splitParagraph();
    } else if (block.kind === 'code' || block.kind === 'html') {
      const last = block.children.at(-1);
      // The mark that ends the block, such as `-->`, may begin in the text before.
      const before = last?.text.slice(-10) ?? '';
      if (last && last.text.length + text.length < 2 * MAX_CHUNK) last.text += text;
      else {
        if (last && !blocks.isTrial) last.isSettled = true;
        block.children.push(newBlock('chunk', blocks.lineNumber, { text }));
      }
      endHtml(block, before + text, isWhole);
    } else if (block.kind === 'table') addToRow(block, text);
    else if (text.trim() !== '') {
      add('paragraph', { text, isContinued: true });
    }
  }

  return {
    takeRest,
    takePlainLines,
    continueList,
    addToParagraph,
    splitParagraph,
    addCode,
    addToChunk,
    addRow,
    addToFormula,
    endHtml,
    addText,
  };
}
