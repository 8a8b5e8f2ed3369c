/** One line that is read from left to right. Tabs reach to the next multiple of four columns. */
export interface Line {
  text: string;
  offset: number;
  column: number;
  /** True if only some columns of the tab at `offset` have been read. */
  isInTab: boolean;
  /** The offset of the next character that is not a blank. */
  next: number;
  nextColumn: number;
  indent: number;
  isBlank: boolean;
}

export function readLine(text: string): Line {
  const line: Line = { text, offset: 0, column: 0, isInTab: false, next: 0, nextColumn: 0, indent: 0, isBlank: false };
  findNext(line);
  return line;
}

function findNext(line: Line): void {
  const { text } = line;
  let at = line.offset;
  let column = line.column;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 32) column += 1;
    else if (code === 9) column += 4 - (column % 4);
    else break;
  }
  line.next = at;
  line.nextColumn = column;
  line.indent = column - line.column;
  line.isBlank = at >= text.length;
}

export function toNext(line: Line): void {
  line.offset = line.next;
  line.column = line.nextColumn;
  line.isInTab = false;
  line.indent = 0;
}

/** Moves forward by a number of columns, at most to the end of the line. */
export function advanceColumns(line: Line, count: number): void {
  let left = count;
  while (left > 0 && line.offset < line.text.length) {
    if (line.text.charCodeAt(line.offset) !== 9) {
      line.offset += 1;
      line.column += 1;
      line.isInTab = false;
      left -= 1;
      continue;
    }
    const width = 4 - (line.column % 4);
    line.isInTab = width > left;
    const step = Math.min(width, left);
    line.column += step;
    if (!line.isInTab) line.offset += 1;
    left -= step;
  }
  findNext(line);
}

export const isBlankAt = (line: Line, at: number): boolean => {
  const code = line.text.charCodeAt(at);
  return code === 32 || code === 9;
};

/** The rest of the line. If a tab was read partly, its remaining columns become spaces. */
export const restOf = (line: Line): string =>
  line.isInTab ? ' '.repeat(4 - (line.column % 4)) + line.text.slice(line.offset + 1) : line.text.slice(line.offset);
