import { importAnswerSchema, templateImportSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';
import { editorOf } from './template-request.ts';

export const importTemplates = endpoint({
  method: 'POST',
  path: '/templates/import',
  operationId: 'importTemplates',
  summary: 'Import exported templates: all of them, or none',
  description:
    'A template that the caller has already, with the same content, is not saved again. A template whose id is taken by another one gets a new id.',
  tag: 'templates',
  body: templateImportSchema,
  answers: { 200: { description: 'All of them exist now', schema: importAnswerSchema } },
  errors: ['template_invalid', 'template_changed', 'quota_exceeded'],
  handle: ({ body, caller }, { templates }) => templates.import(editorOf(caller), body),
});
