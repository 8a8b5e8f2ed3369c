import { templateContentSchema, templatePatchSchema, templateQuerySchema } from '../../shared/templates/template.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { readQuery } from '~/http/read-query.server.ts';
import {
  conditionsOf,
  deleteTemplate,
  getTemplate,
  patchTemplate,
  putTemplate,
  templateResponse,
} from '~/templates/templates.server.ts';

/**
 * `/api/templates/:templateId?version=`: one template. `PUT` saves a new version. `PATCH` makes another version the live one, or
 * publishes or withdraws the template. A `PUT` that creates a template needs `If-None-Match: *`. Every other `PUT`, and every `PATCH`,
 * needs `If-Match`.
 */
const route = apiRoute({
  GET: async ({ request, param, user }) =>
    templateResponse(await getTemplate(user, param('templateId'), readQuery(request, templateQuerySchema).version)),
  PUT: async ({ request, param, user }) => {
    const content = await readBody(request, templateContentSchema);
    const saved = await putTemplate(user, param('templateId'), { conditions: conditionsOf(request), content });
    return templateResponse(saved.template, saved.created ? 201 : 200);
  },
  PATCH: async ({ request, param, user }) => {
    const patch = await readBody(request, templatePatchSchema);
    return templateResponse(
      await patchTemplate(user, param('templateId'), { conditions: conditionsOf(request), patch }),
    );
  },
  DELETE: async ({ request, param, user }) => {
    await deleteTemplate(user, param('templateId'), conditionsOf(request));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
