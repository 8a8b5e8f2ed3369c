import { healthSchema } from '../../../../shared/health.ts';
import { endpoint } from '../../endpoint.ts';

export const getHealth = endpoint({
  method: 'GET',
  path: '/healthz',
  operationId: 'health',
  summary: 'Check that this process is alive',
  tag: 'operation',
  access: 'anyone',
  answers: { 200: { description: 'Alive', schema: healthSchema } },
  handle: () => ({ status: 'ok' }),
});
