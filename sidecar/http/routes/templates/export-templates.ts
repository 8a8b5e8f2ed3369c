import { templateFileSchema } from '../../../../shared/templates/template.ts';
import { endpoint } from '../../endpoint.ts';

export const exportTemplates = endpoint({
  method: 'GET',
  path: '/templates/export',
  operationId: 'exportTemplates',
  summary: "Export the caller's own templates",
  tag: 'templates',
  answers: {
    200: { description: "The live version of each of the caller's own templates", schema: templateFileSchema },
  },
  handle: ({ caller }, { templates }) => templates.export(caller.userId),
});
