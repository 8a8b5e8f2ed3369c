import { newTemplateSchema } from '../../shared/templates/template.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { wordsFor } from '~/words/words.server.ts';
import { createTemplate, listTemplates, templateResponse } from '~/templates/templates.server.ts';

/** `GET /api/templates`: the templates that the caller can use. `POST`: saves a new one. */
const route = apiRoute({
  GET: async ({ request, user }) => Response.json({ templates: await listTemplates(user, wordsFor(request).language) }),
  POST: async ({ request, user }) => {
    const { created, template } = await createTemplate(user, await readBody(request, newTemplateSchema));
    return templateResponse(template, created ? 201 : 200);
  },
});
export const loader = route.loader;
export const action = route.action;
