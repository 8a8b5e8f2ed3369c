import { CHECK_SENTENCES } from '../../shared/templates/check-sentences.ts';
import { fill, type Words } from '~/words/words.ts';

/** The English sentences of the checks in `shared/templates` and of zod's checks. `words.templates.issues` has the same keys. */
const SENTENCES = {
  ...CHECK_SENTENCES,
  command: 'must be 1 to 32 of a-z 0-9 -',
  empty: 'must not be empty',
  fewer: 'Too small: expected {type} to have >={count} {unit}',
  more: 'Too big: expected {type} to have <={count} {unit}',
  below: 'Too small: expected {type} to be >={value}',
  above: 'Too big: expected {type} to be <={value}',
} satisfies Record<keyof Words['templates']['issues'], string>;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const PATTERNS = Object.entries(SENTENCES).map(([key, sentence]) => {
  // Every second piece is the name of a placeholder.
  const pieces = sentence.split(/\{(name|count|value|type|unit)\}/);
  const source = pieces.map((piece, i) => (i % 2 === 0 ? escaped(piece) : `(?<${piece}>[^]{0,200}?)`)).join('');
  return { key: key as keyof typeof SENTENCES, pattern: new RegExp(`^${source}$`) };
});

/** Longer sentences are not translated. */
const MAX_CHARS = 1000;

/** Translates a sentence about a problem of a template. A sentence that is not in `SENTENCES` stays as it is. */
export function issueSentence({ templates }: Words, message: string): string {
  if (message.length > MAX_CHARS) return message;
  for (const { key, pattern } of PATTERNS) {
    const found = pattern.exec(message);
    if (found) return fill(templates.issues[key], { ...found.groups });
  }
  return message;
}
