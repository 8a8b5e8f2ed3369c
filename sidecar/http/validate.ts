import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { RejoinError } from '../../shared/errors.ts';
import { parseRequest } from '../../shared/parse-request.ts';

/**
 * Makes Fastify check the parts of a request by the zod schemas of its endpoint. If a path parameter is not a valid id, the
 * request fails with `not_found`, because nothing with such an id exists.
 */
export const validateByZod: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (value: unknown) => {
    try {
      // Fastify passes null for a body that was left out.
      return { value: parseRequest(schema, value ?? undefined) };
    } catch (error) {
      return { error: httpPart === 'params' ? new RejoinError('not_found') : (error as Error) };
    }
  };
