import { operator, queryOf, rangeOf } from '~/admin/admin.server.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { analytics } from '~/sidecar-client/sidecar.server.ts';

/** `GET /admin/analytics.json?range=`: all data behind the charts of `/admin`. */
const route = apiRoute({
  GET: async ({ user, request }) => {
    const range = rangeOf(request);
    const figures = await analytics(operator(user), queryOf(range, Date.now()));
    return Response.json(figures, {
      headers: { 'content-disposition': `attachment; filename="rejoin-analytics-${range}.json"` },
    });
  },
});
export const loader = route.loader;
export const action = route.action;
