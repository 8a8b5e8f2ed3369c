import type { z } from 'zod';
import { parseRequest } from '../../shared/parse-request.ts';

/** The query of a request, parsed by its schema. Throws `invalid_request`. */
export const readQuery = <Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> =>
  parseRequest(schema, Object.fromEntries(new URL(request.url).searchParams));
