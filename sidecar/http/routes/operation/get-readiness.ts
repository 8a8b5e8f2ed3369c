import { endpoint } from '../../endpoint.ts';
import { healthSchema } from './health-schema.ts';

export const getReadiness = endpoint({
  method: 'GET',
  path: '/readyz',
  operationId: 'readiness',
  summary: 'Check that this process accepts new answers',
  description: 'It does if Redis is reachable and the process is not shutting down.',
  tag: 'operation',
  access: 'anyone',
  answers: {
    200: { description: 'It does', schema: healthSchema },
    503: { description: 'It does not; `status` is the reason', schema: healthSchema },
  },
  async handle({ reply }, { isReady, manager }) {
    if (await isReady()) return { status: 'ready' };
    return reply.code(503).send({ status: manager.isDraining ? 'draining' : 'waiting for Redis' });
  },
});
