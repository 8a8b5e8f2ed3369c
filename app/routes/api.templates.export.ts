import { apiRoute } from '~/http/api-route.server.ts';
import { exportTemplates } from '~/templates/templates.server.ts';

/** `GET /api/templates/export`: the caller's own templates as a file. */
const route = apiRoute({
  GET: async ({ user }) =>
    new Response(`${JSON.stringify(await exportTemplates(user), null, 2)}\n`, {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': 'attachment; filename="templates.json"',
      },
    }),
});
export const loader = route.loader;
export const action = route.action;
