import { templateQuerySchema, templateSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';
import { etagHeader, etagOf, templateParams } from './template-request.ts';

export const getTemplate = endpoint({
  method: 'GET',
  path: '/templates/:templateId',
  operationId: 'getTemplate',
  summary: 'Get a template: its live version, or another one',
  tag: 'templates',
  params: templateParams,
  query: templateQuerySchema,
  answers: { 200: { description: 'The template', schema: templateSchema, headers: etagHeader } },
  async handle({ params, query, caller, reply }, { templates }) {
    const template = await templates.get(caller.userId, params.templateId, query.version);
    return reply.headers(etagOf(template)).send(template);
  },
});
