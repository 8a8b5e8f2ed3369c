import { healthSchema, unreadySchema } from '../../../../shared/health.ts';
import { endpoint } from '../../endpoint.ts';

export const getReadiness = endpoint({
  method: 'GET',
  path: '/readyz',
  operationId: 'readiness',
  summary: 'Check that this process accepts starts',
  description:
    'The process accepts starts if Redis can be reached and takes writes, and if the process is not shutting down.',
  tag: 'operation',
  access: 'anyone',
  answers: {
    200: { description: 'Ready', schema: healthSchema },
    503: { description: 'Not ready, and why', schema: unreadySchema },
  },
  async handle({ reply }, { readiness, manager }) {
    if (manager.isDraining) return reply.code(503).send({ status: 'draining' });
    const problem = await readiness();
    if (problem === null) return { status: 'ready' };
    const { kind, reason, remedy } = problem;
    return reply.code(503).send({ status: 'waiting for Redis', problem: kind, reason: `Redis ${reason}.`, remedy });
  },
});
