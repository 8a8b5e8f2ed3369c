import { createBlockParser, type BlockParser } from './blocks/block-parser.ts';
import { isUndecided, MAX_UNDECIDED } from './blocks/undecided-line.ts';

/** A line of more characters is parsed in parts. The later parts are added to the block of the first part. */
const MAX_LINE = 4_000;

/** A growing text and its blocks. Each call of `look` parses only the last part of the unfinished line again. */
export interface MarkdownText {
  readonly blocks: Pick<BlockParser, 'root' | 'definitions' | 'footnotes' | 'notes'>;
  append(text: string): void;
  /** Parses the last line. To be called when the text is complete. */
  end(): void;
  /**
   * Calls the given function while `blocks` also contains the unfinished last line. Afterwards, this line is removed again. The line
   * is left out while its first characters do not decide its kind of block. Without `onlySure`, a line of more than `MAX_UNDECIDED`
   * characters is never left out.
   */
  look(look: () => void, options?: { onlySure?: boolean }): void;
}

export function createMarkdownText(): MarkdownText {
  const parser = createBlockParser();
  /** The part of the unfinished line that has not been parsed. */
  let line = '';
  /** True if an earlier part of the unfinished line has been parsed. */
  let isWithin = false;
  let isAfterReturn = false;

  function take(text: string, isWhole: boolean): void {
    if (isWithin) parser.addText(text, isWhole);
    else parser.takeLine(text, isWhole);
    isWithin = !isWhole;
  }

  function takeParts(): void {
    while (line.length > MAX_LINE) {
      // Do not cut a character of two UTF-16 units.
      const length = (line.charCodeAt(MAX_LINE - 1) & 0xfc00) === 0xd800 ? MAX_LINE - 1 : MAX_LINE;
      take(line.slice(0, length), false);
      line = line.slice(length);
    }
  }

  return {
    blocks: parser,
    append(added) {
      let text = isAfterReturn && added.startsWith('\n') ? added.slice(1) : added;
      isAfterReturn = added === '' ? isAfterReturn : added.endsWith('\r');
      if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
      if (text.includes('\0')) text = text.replaceAll('\0', '\ufffd');
      for (let from = 0; from < text.length;) {
        if (line === '' && !isWithin && parser.isPlain) {
          const taken = parser.takePlainLines(text, from, MAX_LINE);
          if (taken > from) {
            from = taken;
            continue;
          }
        }
        const end = text.indexOf('\n', from);
        line += end < 0 ? text.slice(from) : text.slice(from, end);
        takeParts();
        if (end < 0) break;
        take(line, true);
        line = '';
        from = end + 1;
      }
    },
    end() {
      if (line !== '' || isWithin) take(line, true);
      line = '';
      parser.end();
    },
    look(look, { onlySure = false } = {}) {
      if (isWithin) parser.tryText(line, look);
      else parser.tryLine(isUndecided(onlySure ? line.slice(0, MAX_UNDECIDED) : line) ? null : line, look);
    },
  };
}
