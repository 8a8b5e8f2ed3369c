import { newTemplateSchema, templateSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';
import { editorOf, etagHeader, etagOf } from './template-request.ts';

export const createTemplate = endpoint({
  method: 'POST',
  path: '/templates',
  operationId: 'createTemplate',
  summary: 'Save a new template',
  description:
    'Safe to repeat if the request has an `id`. If another template of the caller has this id, the request fails with `template_changed`.',
  tag: 'templates',
  body: newTemplateSchema,
  answers: {
    200: { description: 'The same template was saved before', schema: templateSchema, headers: etagHeader },
    201: { description: 'Saved', schema: templateSchema, headers: etagHeader },
  },
  errors: ['template_invalid', 'template_changed', 'quota_exceeded'],
  async handle({ body, caller, reply }, { templates }) {
    const { created, template } = await templates.create(editorOf(caller), body);
    return reply
      .code(created ? 201 : 200)
      .headers(etagOf(template))
      .send(template);
  },
});
