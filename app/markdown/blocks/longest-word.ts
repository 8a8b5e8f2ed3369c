/** Longer words are broken, whatever the width of their column: addresses, hashes. */
const MAX_WHOLE_WORD = 24;

/** Marks of Markdown, and the characters after which a line may be broken. */
const BETWEEN_WORDS = /[\s*_~[\]()|‐–—\u2e80-\uffff-]+/u;

/** The length of the longest word of a table cell that is not broken. */
export const longestWord = (cell: string): number =>
  cell
    .split(BETWEEN_WORDS)
    .reduce((longest, { length }) => (length > longest && length <= MAX_WHOLE_WORD ? length : longest), 0);
