import { fillingSchema } from '../../shared/templates/filling.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { previewTemplate } from '~/templates/templates.server.ts';

/** `POST /api/templates/:templateId/preview`: fills a template without starting anything. */
const route = apiRoute({
  POST: async ({ request, param, user }) =>
    Response.json(await previewTemplate(user, param('templateId'), await readBody(request, fillingSchema))),
});
export const loader = route.loader;
export const action = route.action;
