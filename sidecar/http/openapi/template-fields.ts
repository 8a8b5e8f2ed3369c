import type { Field } from './field.ts';

const ID = 'k3Jx9QmZ2bLw7RtY';
const ETAG = '0f8b2c1e-5d0e-4c7a-9a55-0a3f6f1f2d11';
const TIME = '2026-03-02T17:05:00.000Z';
const VARIABLE = { type: 'text', name: 'focus', label: 'Pay attention to', required: false, default: 'mistakes' };

/** The fields of templates (`fields.ts` explains what the keys mean). */
export const TEMPLATE_FIELDS: Record<string, Field> = {
  'StartRequest.template': [
    'A template to fill, instead of `messages`. A repeated request returns the same stream, even if the template has changed since.',
    { id: 'review', values: { text: 'Ths is it.' } },
  ],
  'TemplateUse.id': ['The id of the template.', 'review'],
  'TemplateUse.questionId': ['The id of the question. Without it, the sidecar makes one.', 'message-1'],
  'PeriodFigures.templates': [
    'Answers that were started from a template, by the origin of the template: `own`, `published`, `shipped`.',
    { own: 3 },
  ],
  values: [
    'The values of the blanks, by name: text, number or boolean. They are put in as they are. Blanks in a value are not replaced.',
    { text: 'Ths is it.' },
  ],
  'TemplateUse.name': ['The value of `{{name}}`.', 'Ada'],
  'Filling.name': ['The value of `{{name}}`.', 'Ada'],
  timeZone: ['The IANA time zone of `{{date}}` and `{{time}}`. Default: UTC.', 'Europe/Berlin'],
  version: ['The number of the version. In a request, the default is the live version.', 2],

  'listTemplates.language': [
    'The language of the templates that are part of Rejoin. If there are none in this language, the English ones are listed.',
    'de',
  ],
  'TemplateList.templates': ["The caller's own templates, then the published ones, then those of Rejoin.", []],
  'TemplateSummary.id': ['The id of the template.', ID],
  'TemplateSummary.name': ['The name of the template.', 'Review my work'],
  command: ['What a person types after "/" to find the template.', 'review'],
  description: ['What the template is good for.', 'Finds mistakes, the worst first.'],
  origin: ["`own`: the caller's. `published`: an administrator's, for everybody. `shipped`: part of Rejoin.", 'own'],
  published: ['True if everybody can use the template.', false],
  live: ['The number of the version that a start uses if it names none.', 2],

  'Template.id': ['The id of the template.', ID],
  'Template.name': ['The name of the template.', 'Review my work'],
  'TemplateFile.templates.name': ['The name of the template.', 'Review my work'],
  'Template.instructions': [
    'The instructions of the chat, with blanks. Empty: the chat keeps its own instructions.',
    'Be brief.',
  ],
  'Template.message': [
    'The question, with blanks. `\\{{` stands for the characters `{{`.',
    'Review {{text}} for {{focus}}.',
  ],
  'Template.modelId': ['The model that answers if the start names none. Left out: the default model.', 'demo'],
  variables: ['The blanks. Each has a type, a name, a label in a form, a default and bounds.', [VARIABLE]],
  'Variable.name': ['The name of the blank. `date`, `time` and `name` are built in.', 'focus'],
  label: ['The label of the field in a form.', 'Pay attention to'],
  required: ['True if a start needs a value.', true],
  default: ['The value if a start gives none. Blanks in it are not replaced.', 'mistakes'],
  minLength: ['The smallest number of characters in a value.', 1],
  maxLength: ['The largest number of characters in a value.', 500],
  options: ['The values to choose from.', ['a paragraph', 'a table']],
  versions: ['The numbers of the versions that are kept, oldest first.', [1, 2]],
  'Template.createdAt': ['When the template was first saved. ISO 8601.', TIME],
  'Template.updatedAt': ['When the template last changed. ISO 8601.', TIME],
  etag: ['The value of the header `ETag`, without its quotes.', ETAG],
  'TemplatePatch.live': ['Makes this version the live one.', 1],
  'TemplatePatch.published': [
    '`true` offers the template to everybody, `false` only to its owner. Only administrators may send this field.',
    true,
  ],
  'Preview.modelId': ['The model of the template. Left out if the template names none.', 'demo'],
  'Preview.id': ['The id of the template.', ID],
  'Preview.instructions': [
    'The instructions that a start would set. Empty: the start sets none, and the chat keeps its own instructions.',
    'Be brief.',
  ],
  message: ['The text that a start would send.', 'Review Ths is it. for mistakes.'],
  'TemplateFile.rejoinTemplates': ['The version of this file format.', 1],
  'TemplateFile.templates.id': ['The id of the template.', 'message-2'],
  'TemplateFile.templates.instructions': [
    'The instructions of the chat, with blanks. Empty: the chat keeps its own instructions.',
    'Answer briefly.',
  ],
  'TemplateFile.templates.message': [
    'The question, with blanks. `\\{{` stands for the characters `{{`.',
    'Review Ths is it. for mistakes.',
  ],
  'TemplateFile.templates.modelId': [
    'The model that answers if the start names none. Left out: the default model.',
    'demo',
  ],
  'TemplateFile.templates': ['The templates.', []],
  'TemplateImport.rejoinTemplates': ['The version of this file format.', 1],
  'TemplateImport.templates': [
    'The templates. Their ids may be left out.',
    [{ name: 'Hello', command: 'hello', message: 'Hello!' }],
  ],
  'ImportAnswer.created': ['The ids of the new templates, in the order of the file.', [ID]],
  'ImportAnswer.unchanged': ['How many templates of the file existed already, with the same content.', 0],
};
