/**
 * The sentences that the checks in this folder and in `sidecar/templates` report, with placeholders in braces. The app looks up a
 * reported sentence in this list and translates it. The code of each check repeats its sentence, so a change must be made twice.
 */
export const CHECK_SENTENCES = {
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
};
