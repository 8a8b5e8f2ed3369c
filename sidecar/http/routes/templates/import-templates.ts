import { importAnswerSchema, templateImportSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';
import { editorOf } from './template-request.ts';

export const importTemplates = endpoint({
  method: 'POST',
  path: '/templates/import',
  operationId: 'importTemplates',
  summary: 'Import exported templates: all of them, or none',
  description:
    'A template that the caller has already, with the same content, is not saved again. If another template has the same id already, the imported one gets a new id.',
  tag: 'templates',
  body: templateImportSchema,
  answers: { 200: { description: 'All templates of the file exist now', schema: importAnswerSchema } },
  errors: ['template_invalid', 'template_changed', 'quota_exceeded'],
  handle: ({ body, caller }, { templates }) => templates.import(editorOf(caller), body),
});
