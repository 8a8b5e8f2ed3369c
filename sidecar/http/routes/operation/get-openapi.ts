import { z } from 'zod';
import { endpoint } from '../../endpoint.ts';

export const getOpenApi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  operationId: 'openapi',
  summary: 'Get this document',
  tag: 'operation',
  access: 'anyone',
  answers: {
    200: {
      description: 'An OpenAPI 3.1 document',
      schema: z.looseObject({}).meta({ description: 'This document.', examples: [{ openapi: '3.1.0' }] }),
    },
  },
  handle: ({ request }) => request.server.swagger(),
});
