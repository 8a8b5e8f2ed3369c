import { ANALYTICS_KEPT_DAYS, analyticsAnswerSchema, analyticsQuerySchema } from '../../../../shared/analytics.ts';
import { endpoint } from '../../endpoint.ts';

export const getAnalytics = endpoint({
  method: 'GET',
  path: '/analytics',
  operationId: 'analytics',
  summary: 'Get figures per hour or per day, of all sidecars together',
  description: `For administrators. Figures are kept for ${ANALYTICS_KEPT_DAYS} days. They are counts only: no questions, no answers, no users.`,
  tag: 'operation',
  access: 'admin',
  query: analyticsQuerySchema,
  answers: { 200: { description: 'The figures', schema: analyticsAnswerSchema } },
  handle: ({ query }, { report }) => report(query),
});
