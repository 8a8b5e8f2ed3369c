import { fillingSchema } from '../../../../shared/templates/filling.ts';
import { previewSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';
import { templateParams } from './template-request.ts';

export const previewTemplate = endpoint({
  method: 'POST',
  path: '/templates/:templateId/preview',
  operationId: 'previewTemplate',
  summary: 'Fill a template without starting anything',
  tag: 'templates',
  params: templateParams,
  body: fillingSchema,
  answers: { 200: { description: 'The texts that a start with these values would send', schema: previewSchema } },
  errors: ['template_invalid'],
  handle: ({ params, body, caller }, { templateStarts }) =>
    templateStarts.preview(caller.userId, params.templateId, body),
});
