import { fill, type Words } from '~/words/words.ts';

/** What the checks of `shared/templates` say, with their variable parts in braces. `words.templates.issues` says the same. */
const SENTENCES = {
  notClosed: 'A "{{" is not closed by "}}". Write \\{{ for the characters {{.',
  noBlank:
    '"{{{name}}}" is not a blank. A name has 1 to 32 of A-Z a-z 0-9 _ and begins with a letter. Write \\{{ for the characters {{.',
  builtIn: '"{name}" is built in. Choose another name.',
  sameName: 'There are two variables with the name "{name}".',
  noVariable: 'There is no variable for the blank "{{{name}}}".',
  wrongOrder: 'The largest value is below the smallest one.',
  notFilled: '"{{{name}}}" would not be filled in here.',
  optionTwice: 'An option is there twice.',
  takesNoValue: 'It is built in and takes no value.',
  unknownBlank: 'The template has no blank with this name.',
  missing: 'Please fill this in.',
  textTooLarge: 'The filled text would be larger than {count} KiB.',
  instructionsTooLong: 'The filled instructions would have more than {count} characters.',
  emptyText: 'The filled text is empty.',
  noText: 'It must be a text.',
  tooLong: 'It may have at most {count} characters.',
  tooShort: 'It must have at least {count} characters.',
  tooLarge: 'It may have at most {count} KiB.',
  noNumber: 'It must be a number.',
  noOption: 'It must be one of the options.',
  noBoolean: 'It must be true or false.',
  noDate: 'It must be a date, for example {value}.',
  noDay: 'There is no such day.',
  tooEarly: 'It must be {value} or later.',
  tooLate: 'It must be {value} or earlier.',
  tooSmall: 'It must be at least {value}.',
  tooBig: 'It must be at most {value}.',
  versionGone: 'This version of the template is gone.',
  templateTooLarge: 'A template may have {count} bytes as JSON; this one has {value}.',
  command: 'must be 1 to 32 of a-z 0-9 -',
  empty: 'must not be empty',
  fewer: 'Too small: expected {type} to have >={count} {unit}',
  more: 'Too big: expected {type} to have <={count} {unit}',
  below: 'Too small: expected {type} to be >={value}',
  above: 'Too big: expected {type} to be <={value}',
} as const satisfies Record<keyof Words['templates']['issues'], string>;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const PATTERNS = Object.entries(SENTENCES).map(([key, sentence]) => {
  // Every second piece is the name of a variable part.
  const pieces = sentence.split(/\{(name|count|value|type|unit)\}/);
  const source = pieces.map((piece, i) => (i % 2 === 0 ? escaped(piece) : `(?<${piece}>[^]{0,200}?)`)).join('');
  return { key: key as keyof typeof SENTENCES, pattern: new RegExp(`^${source}$`) };
});

/** The checks write no sentence that is longer. */
const MAX_CHARS = 1000;

/** The problem of one field of a template in the language of the page. An unknown sentence stays as it is. */
export function issueSentence({ templates }: Words, message: string): string {
  if (message.length > MAX_CHARS) return message;
  for (const { key, pattern } of PATTERNS) {
    const found = pattern.exec(message);
    if (found) return fill(templates.issues[key], { ...found.groups });
  }
  return message;
}
