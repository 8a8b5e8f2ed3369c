import remend from 'remend';

/** A last line that may yet become something else, by what it begins with. */
const UNDECIDED = [
  // The beginning of a list or of a quotation, a checkbox, a heading.
  String.raw`[-*+]|\d{1,9}[.)]?|[-*+] \[[ xX]?\]?|#{1,6}|>+`,
  // The beginning of a fence.
  '`{1,3}[^`\\n]*|~{1,3}[^\\n]*',
  // A rule, or the line that makes a heading of the one above it.
  String.raw`[-=*_ \t]+`,
];
const UNDECIDED_LINE = new RegExp(String.raw`(^|\n)[ \t]*(${UNDECIDED.join('|')})[ \t]*$`);

/** A last sign that is read together with what follows it: the beginning of emphasis, code, a link, an entity, a tag. */
const UNDECIDED_SIGN = /((^|[\s([{"'>])([*_~`]{1,3}|!)|!?\[|\\|<|&#?\w{0,8})$/;

/** What may be the head of a table, which only the whole line under it decides. */
const UNDECIDED_TABLE = /(^|\n)[ \t]*\|[^\n]*(\n[ \t|:-]*)?$/;
const TABLE = /\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t:-]*)*\n/;
const OPEN_FENCE = /^ {0,3}(`{3,}|~{3,})[^\n]*\n/;
const UNDECIDED_FENCE_END = /\n {0,3}(`{1,2}|~{1,2})$/;

/**
 * The last block of a text that is still being written, such that what is shown never has to be taken back: emphasis,
 * code and links that were begun are ended, and a last line that may yet become something else is held back.
 */
export function mendUnfinished(block: string): string {
  if (OPEN_FENCE.test(block)) return block.replace(UNDECIDED_FENCE_END, '\n');
  const decided = TABLE.test(block) ? block : block.replace(UNDECIDED_TABLE, '');
  const shown = decided.replace(UNDECIDED_LINE, '').replace(UNDECIDED_SIGN, '$2');
  return remend(shown, { linkMode: 'text-only', katex: false });
}
