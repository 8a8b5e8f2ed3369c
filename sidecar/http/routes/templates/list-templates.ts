import { templateListQuerySchema, templateListSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';

export const listTemplates = endpoint({
  method: 'GET',
  path: '/templates',
  operationId: 'listTemplates',
  summary: 'List the templates that the caller can use',
  description: "The caller's own templates, then those published for everybody, then those that are part of Rejoin.",
  tag: 'templates',
  query: templateListQuerySchema,
  answers: { 200: { description: 'The templates, without their texts', schema: templateListSchema } },
  handle: async ({ caller, query }, { templates }) => ({
    templates: await templates.list(caller.userId, query.language),
  }),
});
