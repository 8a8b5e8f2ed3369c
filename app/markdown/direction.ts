import type { Block } from './blocks/block.ts';

const CODE = /`[^`\n]*`/g;
const LETTER = /\p{L}/u;
/** The blocks of scripts that are written from right to left (Unicode's file DerivedBidiClass.txt, classes R and AL). */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** The first letter is nearly always among the first characters. */
const MAX_CHARS = 1_000;

/**
 * The attribute `dir` of a list or a quote: the direction of its first text, so that the marks and the bar stand where the text
 * begins. A browser does not find it itself, because `dir="auto"` does not look into children that have the attribute, too.
 */
export function containerDirection(container: Block): { dir: 'auto' | 'rtl' } {
  let block: Block | undefined = container;
  while (block && block.text === '') block = block.children[0];
  const letter = LETTER.exec(block?.text.slice(0, MAX_CHARS).replace(CODE, '') ?? '')?.[0] ?? '';
  return { dir: RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'auto' };
}
