import type { Words } from '~/words/words.ts';

/** Words in a rendered answer that the model did not write. */
export type AnswerLabels = Words['answer']['labels'];

/** For callers without a page, such as tests and benchmarks. `words.test.ts` checks that these labels are the ones in `en.ts`. */
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
