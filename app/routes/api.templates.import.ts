import { templateImportSchema } from '../../shared/templates/template.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { importTemplates } from '~/templates/templates.server.ts';

/** `POST /api/templates/import`: saves all templates of an exported file, or none. */
const route = apiRoute({
  POST: async ({ request, user }) =>
    Response.json(await importTemplates(user, await readBody(request, templateImportSchema))),
});
export const loader = route.loader;
export const action = route.action;
