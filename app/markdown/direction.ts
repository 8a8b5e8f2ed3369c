import type { Block } from './blocks/block.ts';

const CODE = /`[^`\n]*`/g;
const LETTER = /\p{L}/u;
/** The characters of scripts that are written from right to left (Unicode's file DerivedBidiClass.txt, classes R and AL). */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Only this many characters are searched for the first letter. */
const MAX_CHARS = 1_000;

/**
 * The attribute `dir` of a list or a quote: the direction of the first text inside. With this attribute, the markers of the list, or
 * the bar of the quote, are on the side where the text begins. The browser cannot find this direction itself, because `dir="auto"`
 * ignores children that have a `dir` attribute of their own.
 */
export function containerDirection(container: Block): { dir: 'auto' | 'rtl' } {
  let block: Block | undefined = container;
  while (block && block.text === '') block = block.children[0];
  const letter = LETTER.exec(block?.text.slice(0, MAX_CHARS).replace(CODE, '') ?? '')?.[0] ?? '';
  return { dir: RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'auto' };
}
