import { endpoint } from '../../endpoint.ts';
import { conditionHeaders, conditionIn, editorOf, templateParams } from './template-request.ts';

export const deleteTemplate = endpoint({
  method: 'DELETE',
  path: '/templates/:templateId',
  operationId: 'deleteTemplate',
  summary: 'Delete a template with all its versions',
  description:
    'With `If-Match`, the template is deleted only if it still has this `ETag`. Answers that were started from the template stay as they are.',
  tag: 'templates',
  params: templateParams,
  headers: conditionHeaders,
  answers: { 204: 'Deleted' },
  errors: ['template_changed', 'forbidden'],
  async handle({ params, headers, caller, reply }, { templates }) {
    await templates.delete(editorOf(caller), params.templateId, conditionIn(headers['if-match']) ?? 'any');
    return reply.code(204).send();
  },
});
