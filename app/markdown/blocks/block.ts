/**
 * One block of a text. The size of a block is limited, so that the unfinished end of a text is never long: a long paragraph, list
 * or table continues in another block. The lines of code and of HTML are kept in chunks, which are children of the code or HTML block.
 * If a chunk is full, the next line begins another chunk.
 */
export interface Block {
  kind: BlockKind;
  children: Block[];
  /** The text of a paragraph, heading, table row, formula, or chunk of lines. */
  text: string;
  startLine: number;
  /** The number of the last line of this block so far. */
  endLine: number;
  isOpen: boolean;
  /** True if later text cannot change this block any more. */
  isSettled: boolean;
  /** True if this block continues the block before it. The two are shown without a gap between them. */
  isContinued: boolean;
  /** The level of a heading, from 1 to 6. */
  level: number;
  list: ListData | null;
  /** The indentation of the content of a list item or footnote. */
  indent: number;
  fence: FenceData | null;
  /** 1 to 7: the kind of an HTML block in CommonMark's list, or `PLAIN` (block-content.ts). 0 for other blocks. */
  htmlKind: number;
  table: TableData | null;
  /** The label of a footnote as it is written, not normalized. */
  label: string;
}

export type BlockKind =
  | 'root'
  | 'quote'
  | 'list'
  | 'item'
  | 'footnote'
  | 'paragraph'
  | 'heading'
  | 'code'
  | 'html'
  | 'formula'
  | 'rule'
  | 'table'
  | 'row'
  | 'chunk';

export interface ListData {
  isOrdered: boolean;
  start: number;
  /** The bullet, or the character after the number. An item with another character begins a new list. */
  sign: string;
  isLoose: boolean;
}

export interface FenceData {
  sign: string;
  length: number;
  indent: number;
  info: string;
}

export interface TableData {
  header: string;
  align: readonly ('left' | 'right' | 'center' | null)[];
  /** True while the header is the only line. The next line decides whether there is a table. */
  isPresumed: boolean;
  /**
   * The first row below the header, once this row is complete. If a long table is continued in further tables, all of them have the
   * first row of the long table, so that their columns get the same widths.
   */
  firstRow?: string;
  /**
   * The length of the longest word in each column (longest-word.ts), in the complete rows so far. The rows of a table that
   * continues another one are not considered, because the other one is complete. A change makes a new array.
   */
  longestWords?: readonly number[];
}

/** Blocks of these kinds contain other blocks. */
const PARENTS: ReadonlySet<BlockKind> = new Set([
  'root',
  'quote',
  'list',
  'item',
  'footnote',
  'code',
  'html',
  'table',
] as const);
const NO_CHILDREN: Block[] = [];

export function newBlock(kind: BlockKind, line: number, fields?: Partial<Block>): Block {
  const block: Block = {
    kind,
    children: PARENTS.has(kind) ? [] : NO_CHILDREN,
    text: '',
    startLine: line,
    endLine: line,
    isOpen: true,
    isSettled: false,
    isContinued: false,
    level: 0,
    list: null,
    indent: 0,
    fence: null,
    htmlKind: 0,
    table: null,
    label: '',
  };
  return fields ? Object.assign(block, fields) : block;
}

export const isContainer = ({ kind }: Block): boolean =>
  kind === 'root' || kind === 'quote' || kind === 'list' || kind === 'item' || kind === 'footnote';

/** The last line that belongs to a block or to a block inside it. Recursion is safe here, because the depth of blocks is limited. */
export function lastLineOf(block: Block): number {
  if (!isContainer(block)) return block.endLine;
  const last = block.children.at(-1);
  return last ? Math.max(block.kind === 'quote' ? block.endLine : 0, lastLineOf(last)) : block.endLine;
}
