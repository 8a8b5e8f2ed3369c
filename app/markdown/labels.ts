import type { Words } from '~/words/words.ts';

/** The words that a rendered answer has besides the model's own. */
export type AnswerLabels = Words['answer']['labels'];

/** For callers without a page, such as tests and benchmarks. `words.test.ts` keeps it equal to `en.ts`. */
export const ENGLISH_LABELS: AnswerLabels = {
  copyCode: 'Copy code',
  codeIn: 'Code, {language}',
  plainText: 'Text',
  table: 'Table',
  image: 'Image: {name}',
  done: 'Done',
  toDo: 'To do',
  footnotes: 'Footnotes',
  backToText: 'Back to the text',
};
