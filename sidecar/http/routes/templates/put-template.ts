import { z } from 'zod';
import { templateContentSchema, templateIdSchema, templateSchema } from '../../../../shared/templates/template.ts';
import { parseRequest, respondsWith } from '../../../../shared/parse-request.ts';
import { endpoint } from '../../endpoint.ts';
import {
  conditionHeaders,
  editorOf,
  etagHeader,
  etagOf,
  requireCondition,
  templateParams,
} from './template-request.ts';

const putHeaders = conditionHeaders.extend({
  'if-none-match': z
    .literal('*')
    .optional()
    .meta({ description: 'Saves a new template with this id, instead of changing one.', examples: ['*'] }),
});
const newIdSchema = respondsWith('template_invalid', z.object({ templateId: templateIdSchema }));

export const putTemplate = endpoint({
  method: 'PUT',
  path: '/templates/:templateId',
  operationId: 'putTemplate',
  summary: 'Save a new version of a template',
  description:
    'The new version becomes the live one. Earlier versions do not change. The newest 20 versions are kept. Needs `If-Match`, or `If-None-Match: *` for a new template.',
  tag: 'templates',
  params: templateParams,
  headers: putHeaders,
  body: templateContentSchema,
  answers: {
    200: { description: 'Saved', schema: templateSchema, headers: etagHeader },
    201: { description: 'Saved as a new template', schema: templateSchema, headers: etagHeader },
  },
  errors: ['template_invalid', 'template_changed', 'precondition_required', 'quota_exceeded', 'forbidden'],
  async handle({ params, headers, body, caller, reply }, { templates }) {
    const by = editorOf(caller);
    if (headers['if-none-match'] !== undefined) {
      const { templateId: id } = parseRequest(newIdSchema, params);
      const { created, template } = await templates.create(by, { ...body, id });
      return reply
        .code(created ? 201 : 200)
        .headers(etagOf(template))
        .send(template);
    }
    const condition = requireCondition(headers['if-match']);
    const template = await templates.put(by, params.templateId, { condition, content: body });
    return reply.headers(etagOf(template)).send(template);
  },
});
