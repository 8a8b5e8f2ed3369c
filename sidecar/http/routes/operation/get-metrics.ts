import { z } from 'zod';
import { endpoint } from '../../endpoint.ts';

export const getMetrics = endpoint({
  method: 'GET',
  path: '/metrics',
  operationId: 'metrics',
  summary: 'Get figures for Prometheus',
  tag: 'operation',
  access: 'anyone',
  answers: {
    200: {
      description: 'Figures in the Prometheus text format',
      content: {
        'text/plain': z
          .string()
          .meta({ description: 'Prometheus text format 0.0.4.', examples: ['rejoin_generations 3'] }),
      },
    },
  },
  handle: async ({ reply }, { metrics }) => reply.type('text/plain; version=0.0.4').send(await metrics()),
});
