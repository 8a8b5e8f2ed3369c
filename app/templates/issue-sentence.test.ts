import { expect, test } from 'vitest';
import { checkTemplate } from '../../shared/templates/check-template.ts';
import type { Variable } from '../../shared/templates/content.ts';
import { fillTemplate } from '../../shared/templates/fill-template.ts';
import { templateContentSchema } from '../../shared/templates/template.ts';
import { LANGUAGES } from '~/words/words.server.ts';
import { issueSentence } from './issue-sentence.ts';

const content = { name: 'T', command: 't', description: '', instructions: '', message: 'Hello', variables: [] };
const text = (name: string, more: object = {}) => ({ type: 'text', name, required: false, ...more }) as Variable;

/** Names of invalid inputs, each with the sentences that the checks return for the input. */
const SAID: [string, string[]][] = [
  ...['{{open', '{{1}}', '{{none}}', 'x {{a}} x'].map((message): [string, string[]] => [
    message,
    checkTemplate({ ...content, message, variables: [text('date'), text('b'), text('b')] }).map((one) => one.message),
  ]),
  [
    'bounds',
    checkTemplate({
      ...content,
      variables: [
        text('a', { minLength: 3, maxLength: 2, default: '{{b}}' }),
        { type: 'select', name: 'b', required: false, options: ['x', 'x'] },
        { type: 'date', name: 'c', required: false, min: '2026-02-30' },
        { type: 'number', name: 'd', required: false, default: 'x' },
      ] as Variable[],
    }).map((one) => one.message),
  ],
  ...(
    [
      [text('a', { required: true }), undefined],
      [text('a', { maxLength: 2 }), 'abc'],
      [text('a', { minLength: 4 }), 'abc'],
      [text('a'), 'x'.repeat(65 * 1024)],
      [text('a'), 1],
      [{ type: 'number', name: 'a', required: false, min: 2 }, 1],
      [{ type: 'number', name: 'a', required: false, max: 2 }, 3],
      [{ type: 'select', name: 'a', required: false, options: ['x'] }, 'y'],
      [{ type: 'boolean', name: 'a', required: false }, 'y'],
      [{ type: 'date', name: 'a', required: false }, 'y'],
      [{ type: 'date', name: 'a', required: false, min: '2026-03-02' }, '2026-03-01'],
      [{ type: 'date', name: 'a', required: false, max: '2026-03-02' }, '2026-03-03'],
    ] as [Variable, string | undefined][]
  ).map(([variable, value]): [string, string[]] => [
    JSON.stringify(variable),
    fillTemplate(
      { instructions: '', message: 'Hi', variables: [variable] },
      { values: { ...(value === undefined ? {} : { a: value }) }, builtIns: { date: '', time: '', name: '' } },
    ).problems!.map((one) => one.message),
  ]),
  [
    'unknown and built-in values, and an empty text',
    [
      ...fillTemplate(
        { instructions: '', message: 'Hi', variables: [] },
        { values: { x: '1', date: '1' }, builtIns: { date: '', time: '', name: '' } },
      ).problems!,
      ...fillTemplate(
        { instructions: '', message: '{{a}}', variables: [text('a')] },
        { values: {}, builtIns: { date: '', time: '', name: '' } },
      ).problems!,
    ].map((one) => one.message),
  ],
  [
    'fields that are empty, too long or malformed',
    templateContentSchema
      .safeParse({ ...content, name: '', command: 'A B', message: ' ', description: 'x'.repeat(100_000) })
      .error!.issues.map((one) => one.message),
  ],
];

test.each(SAID)('every problem of a template is shown in the language of the page: %s', (_name, messages) => {
  expect(messages.length).toBeGreaterThan(0);
  for (const words of LANGUAGES)
    for (const message of messages) {
      const said = issueSentence(words, message);
      if (words.language !== 'en') expect(said).not.toBe(message);
      else if (/^[A-Z"]/.test(message) && !message.startsWith('Too ')) expect(said).toBe(message);
      // Values have replaced all placeholders.
      expect(said).not.toMatch(/(?<!\{)\{(?:name|count|value|type|unit)\}/);
    }
});

test('a sentence without a translation stays as it is', () => {
  expect(issueSentence(LANGUAGES[1]!, 'Something else.')).toBe('Something else.');
});
