/**
 * One block of a text. What it holds is bounded: a long paragraph, list, table or piece of code goes on in a further
 * block or chunk, so that what is still written is never long.
 */
export interface Block {
  kind: BlockKind;
  children: Block[];
  /** The text of a paragraph, heading, table row, formula, or chunk of lines. */
  text: string;
  startLine: number;
  /** The last line that has something of it. */
  endLine: number;
  isOpen: boolean;
  /** Nothing that follows can change it any more. */
  isSettled: boolean;
  /** It goes on with what the block before it began, without a gap. */
  isContinued: boolean;
  /** A heading's, from 1 to 6. */
  level: number;
  list: ListData | null;
  /** Of a list's item: by how much its content is indented. */
  indent: number;
  fence: FenceData | null;
  /** By which of CommonMark's seven conditions a block of HTML began. */
  htmlKind: number;
  table: TableData | null;
  /** A footnote's, as it was written. */
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
  /** The sign after or instead of the number. Another sign begins another list. */
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
  /** Only a header so far: whether it is one is decided by the next line. */
  isPresumed: boolean;
}

/** Blocks of these kinds hold others. */
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

/** The last line that has something of a block or of what is in it. Its depth is bounded. */
export function lastLineOf(block: Block): number {
  if (!isContainer(block)) return block.endLine;
  const last = block.children.at(-1);
  return last ? Math.max(block.kind === 'quote' ? block.endLine : 0, lastLineOf(last)) : block.endLine;
}
