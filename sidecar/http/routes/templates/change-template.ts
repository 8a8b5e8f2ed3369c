import { templatePatchSchema, templateSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';
import {
  conditionHeaders,
  editorOf,
  etagHeader,
  etagOf,
  requireCondition,
  templateParams,
} from './template-request.ts';

export const changeTemplate = endpoint({
  method: 'PATCH',
  path: '/templates/:templateId',
  operationId: 'changeTemplate',
  summary: 'Make another version the live one, or publish a template for everybody',
  description: 'Only administrators can publish. Needs `If-Match`.',
  tag: 'templates',
  params: templateParams,
  headers: conditionHeaders,
  body: templatePatchSchema,
  answers: { 200: { description: 'The template after the change', schema: templateSchema, headers: etagHeader } },
  errors: ['template_invalid', 'template_changed', 'precondition_required', 'forbidden'],
  async handle({ params, headers, body, caller, reply }, { templates }) {
    const condition = requireCondition(headers['if-match']);
    const template = await templates.patch(editorOf(caller), params.templateId, { condition, patch: body });
    return reply.headers(etagOf(template)).send(template);
  },
});
