import { describe, expect, test } from 'vitest';
import { blanksIn, piecesOf } from './blanks.ts';
import type { Variable } from './content.ts';
import { builtInsOf, fillTemplate } from './fill-template.ts';
import type { TemplateValues } from './filling.ts';
import { templateContentSchema } from './template.ts';

const builtIns = { date: '2026-03-02', time: '17:05', name: 'Ada' };
const text = (name: string, more: object = {}): Variable => ({ type: 'text', name, required: false, ...more });

function fill(message: string, variables: Variable[], values: TemplateValues) {
  return fillTemplate({ instructions: '', message, variables }, { values, builtIns });
}
const filledMessage = (...args: Parameters<typeof fill>) => fill(...args).filled?.message;
const problemOf = (variable: Variable, value: string | number | boolean) =>
  fill(`{{${variable.name}}}`, [variable], { [variable.name]: value }).problems?.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

describe('a filled template', () => {
  test.each([
    ['a blank', '{{name}} {{other}} \\{{x}}'],
    ['replacement patterns', "$& $1 $` $' $$ \\1 \\{{"],
    ['a text from right to left', 'שלום {{name}} مرحبا \u202e\u2067'],
    ['line breaks and a NUL', 'a\r\nb\n\u0000c\u2028'],
    ['half a character', 'a\ud800b'],
    ['64 KiB', 'ä'.repeat(32 * 1024)],
    ['HTML', '<script>alert(1)</script> &amp;'],
  ])('contains a value with %s unchanged', (_name, value) => {
    const message = 'Before {{ what }}, {{what}} \\{{what}} after {{date}}';
    expect(filledMessage(message, [text('what')], { what: value })).toBe(
      `Before ${value}, ${value} {{what}} after 2026-03-02`,
    );
  });

  test('is not searched for blanks again, so two values side by side do not form a new blank', () => {
    const variables = [text('a'), text('b')];
    expect(filledMessage('{{a}}{{b}}name}} {{a}}', variables, { a: '{', b: '{' })).toBe('{{name}} {');
  });

  test('has the default of each variable that was given no value; an empty text counts as a value of an optional text variable', () => {
    const variables: Variable[] = [
      text('a', { default: 'A' }),
      text('b', { default: 'B' }),
      { type: 'number', name: 'c', required: false, default: 3 },
      { type: 'boolean', name: 'd', required: false, default: false },
      text('e'),
    ];
    expect(filledMessage('{{a}}|{{b}}|{{c}}|{{d}}|{{e}}|', variables, { b: '' })).toBe('A||3|false||');
  });

  test('is refused if it would be too large, or would have only white space', () => {
    const message = '{{a}}'.repeat(1000);
    expect(fill(message, [text('a')], { a: 'x'.repeat(60_000) }).problems).toHaveLength(1);
    expect(fill('{{a}}', [text('a')], { a: '  ' }).problems).toHaveLength(1);
  });

  test('is refused if values are given for unknown or built-in blanks', () => {
    const values = JSON.parse('{"__proto__":"x","constructor":"x","name":"x","a":"x"}') as TemplateValues;
    const { problems } = fill('{{a}} {{name}}', [text('a')], values);
    expect(problems?.map(({ path }) => path.join('.'))).toEqual([
      'values.__proto__',
      'values.constructor',
      'values.name',
    ]);
    expect(fill('{{constructor}}', [text('constructor', { required: true })], {}).problems).toHaveLength(1);
  });

  test.each<[string, Variable, string | number | boolean, string | undefined]>([
    ['nothing for a required blank', text('a', { required: true }), '', 'values.a: Please fill this in.'],
    ['a number for a text', text('a'), 5, 'values.a: It must be a text.'],
    ['a text that is too long', text('a', { maxLength: 2 }), 'abc', 'values.a: It may have at most 2 characters.'],
    ['a text that is too short', text('a', { minLength: 2 }), 'a', 'values.a: It must have at least 2 characters.'],
    ['65 KiB', text('a'), 'x'.repeat(65 * 1024), 'values.a: It may have at most 64 KiB.'],
    ['a number as a form sends it', { type: 'number', name: 'a', required: false }, '-2.5', undefined],
    [
      'a text that is not a number',
      { type: 'number', name: 'a', required: false },
      '0x10',
      'values.a: It must be a number.',
    ],
    [
      'a number below the bound',
      { type: 'number', name: 'a', required: false, min: 3 },
      2,
      'values.a: It must be at least 3.',
    ],
    [
      'a number above the bound',
      { type: 'number', name: 'a', required: false, max: 3 },
      4,
      'values.a: It must be at most 3.',
    ],
    [
      'a value that is not an option',
      { type: 'select', name: 'a', required: false, options: ['x'] },
      'y',
      'values.a: It must be one of the options.',
    ],
    [
      'a text that is not a boolean',
      { type: 'boolean', name: 'a', required: false },
      'yes',
      'values.a: It must be true or false.',
    ],
    [
      'a day that does not exist',
      { type: 'date', name: 'a', required: false },
      '2026-02-30',
      'values.a: There is no such day.',
    ],
    [
      'a day before the bound',
      { type: 'date', name: 'a', required: false, min: '2026-03-02' },
      '2026-03-01',
      'values.a: It must be 2026-03-02 or later.',
    ],
  ])('has the expected problem, or none, if the value is %s', (_name, variable, value, problem) => {
    expect(problemOf(variable, value)).toEqual(problem === undefined ? undefined : [problem]);
  });

  test('has date and time in the time zone of the person, and their name or a fallback', () => {
    const now = new Date('2026-03-02T23:05:00Z');
    expect(builtInsOf({ timeZone: 'Asia/Tokyo' }, { now, fallbackName: 'Guest' })).toEqual({
      date: '2026-03-03',
      time: '08:05',
      name: 'Guest',
    });
    expect(builtInsOf({ name: 'Ada' }, { now, fallbackName: 'Guest' })).toMatchObject({
      date: '2026-03-02',
      time: '23:05',
      name: 'Ada',
    });
  });
});

describe('the blanks of a text', () => {
  test('are found once each, in their order', () => {
    expect(blanksIn('{{b}} {{a}}', '{{ a }} \\{{c}} {{d}}')).toEqual(['b', 'a', 'd']);
  });

  test.each(['{{', 'a {{b', '{{}}', '{{ two words }}', '{{{a}}}', '{{1a}}', '{{ä}}', '{{a\n{{b}}'])(
    'cannot be read from %j',
    (wrong) => expect(piecesOf(wrong).problem).not.toBeNull(),
  );

  test('are found quickly in a text of more than a million characters', () => {
    const long = '{{a}}'.repeat(200_000) + '{'.repeat(200_000);
    expect(piecesOf(long).pieces.length).toBeGreaterThan(100_000);
  });
});

describe('a template', () => {
  const valid = {
    name: 'Review',
    command: 'review',
    message: 'Review {{what}}',
    variables: [{ type: 'text', name: 'what' }],
  };
  const issuesOf = (changes: object) =>
    templateContentSchema.safeParse({ ...valid, ...changes }).error?.issues.map(({ path }) => path.join('.'));

  test('is valid with only the required fields', () => {
    expect(templateContentSchema.parse(valid)).toEqual({
      ...valid,
      description: '',
      instructions: '',
      variables: [{ type: 'text', name: 'what', required: false }],
    });
  });

  test.each<[string, object, string[]]>([
    ['an unknown blank', { message: '{{what}} {{who}}' }, ['message']],
    ['an unknown blank in its instructions', { instructions: 'Hello {{who}}' }, ['instructions']],
    ['a blank that is not closed', { message: '{{what' }, ['message']],
    [
      'two variables of one name',
      {
        variables: [
          { type: 'text', name: 'what' },
          { type: 'date', name: 'what' },
        ],
      },
      ['variables.1.name'],
    ],
    [
      'a variable with a built-in name',
      { variables: [...valid.variables, { type: 'text', name: 'date' }] },
      ['variables.1.name'],
    ],
    [
      'defaults that name each other',
      {
        message: '{{a}}{{b}}',
        variables: [
          { type: 'text', name: 'a', default: 'x {{b}}' },
          { type: 'text', name: 'b', default: '{{a}}' },
        ],
      },
      ['variables.0.default', 'variables.1.default'],
    ],
    [
      'a default that names itself',
      { variables: [{ type: 'text', name: 'what', default: '{{what}}' }] },
      ['variables.0.default'],
    ],
    [
      'a default that is no option',
      { variables: [{ type: 'select', name: 'what', options: ['x'], default: 'y' }] },
      ['variables.0.default'],
    ],
    [
      'a default beyond its bounds',
      { variables: [{ type: 'number', name: 'what', max: 3, default: 4 }] },
      ['variables.0.default'],
    ],
    [
      'bounds the wrong way round',
      { variables: [{ type: 'number', name: 'what', min: 3, max: 2 }] },
      ['variables.0.max'],
    ],
    [
      'a bound that is not a date',
      { variables: [{ type: 'date', name: 'what', min: '2026-02-31' }] },
      ['variables.0.min'],
    ],
    ['a text of 65 KiB', { message: `{{what}}${'x'.repeat(65 * 1024)}` }, ['message']],
    ['a text below 64 KiB that is larger as JSON', { message: `{{what}}${'"'.repeat(40_000)}` }, ['message']],
    ['an empty text', { message: ' \n' }, ['message']],
    ['a command with a space', { command: 'my review' }, ['command']],
    ['an unknown type', { variables: [{ type: 'file', name: 'what' }] }, ['variables.0.type']],
  ])('with %s is refused, and the error names the field', (_name, changes, paths) => {
    expect(issuesOf(changes)).toEqual(expect.arrayContaining(paths));
  });
});
